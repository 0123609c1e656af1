//! The exact null of every signed test here: scores that keep their size while fair, independent coins
//! choose their signs. Computed by dynamic programming over the integer sum of the positive scores.

/// The most pairs (or values) that an exact null distribution is computed for.
pub const MAX_PAIRS: usize = 400;

/// Greatest common divisor.
fn gcd(mut a: usize, mut b: usize) -> usize {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// Probability of each value 0..=sum of the sum of a random subset of `sizes`, every element in or out by
/// a fair coin. Probabilities rather than counts: no overflow, and exact in `f64` up to 53 elements.
pub(super) fn subset_sums(sizes: &[usize]) -> Vec<f64> {
    lower_sums(sizes, sizes.iter().sum())
}

/// The same for the values 0..=limit only.
fn lower_sums(sizes: &[usize], limit: usize) -> Vec<f64> {
    let mut probability = vec![0.0; limit + 1];
    probability[0] = 1.0;
    let mut reached = 0;
    // Zeros change nothing: in or out, the sum is the same.
    for &size in sizes.iter().filter(|&&size| size > 0) {
        // From the top down, so that each entry still reads the value before this element.
        reached = limit.min(reached + size);
        for sum in (size..=reached).rev() {
            probability[sum] = 0.5 * (probability[sum] + probability[sum - size]);
        }
        for entry in &mut probability[..size.min(limit + 1)] {
            *entry *= 0.5;
        }
    }
    probability
}

/// `(P(T >= t), P(T <= t))` where `t` is the sum of the positive `scores` and `T` the same sum under
/// random signs.
pub(super) fn tails(scores: &[i64]) -> (f64, f64) {
    let mut sizes: Vec<usize> = scores.iter().map(|score| score.unsigned_abs() as usize).collect();
    let mut observed: usize = scores.iter().filter(|score| **score > 0).map(|s| *s as usize).sum();
    // Doubled ranks without ties are all even: half the table.
    let divisor = sizes.iter().copied().fold(0, gcd).max(1);
    for size in &mut sizes {
        *size /= divisor;
    }
    observed /= divisor;
    // The null is symmetric, so the nearer end of the table is enough. Its sum is the small p-value, which is
    // the one that has to be accurate; the other is what remains.
    let total: usize = sizes.iter().sum();
    let nearer = observed.min(total - observed);
    let null = lower_sums(&sizes, nearer);
    let beyond: f64 = null[..nearer].iter().sum();
    let (near, far) = (beyond + null[nearer], 1.0 - beyond);
    if observed == nearer { (far, near) } else { (near, far) }
}

#[cfg(test)]
mod tests {
    use super::{subset_sums, tails};

    #[test]
    fn the_null_equals_the_enumeration_of_all_signs() {
        for scores in
            [vec![1, 2, 3, 4], vec![3, -5, 0, 5, 7, -2], vec![6, 6, -6, 2], vec![0, 0], vec![]]
        {
            let n = scores.len();
            let observed: i64 = scores.iter().filter(|s| **s > 0).sum();
            let (mut upper, mut lower) = (0_u32, 0_u32);
            for mask in 0..1_u32 << n {
                let sum: i64 =
                    (0..n).filter(|bit| mask >> bit & 1 == 1).map(|bit| scores[bit].abs()).sum();
                upper += u32::from(sum >= observed);
                lower += u32::from(sum <= observed);
            }
            let all = f64::from(1_u32 << n);
            assert_eq!(tails(&scores), (f64::from(upper) / all, f64::from(lower) / all));
        }
    }

    #[test]
    fn probabilities_sum_to_one() {
        let sum: f64 = subset_sums(&(1..=60).collect::<Vec<_>>()).iter().sum();
        assert!((sum - 1.0).abs() < 1e-12);
    }
}
