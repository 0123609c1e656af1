//! Small dense matrices of any number type, their sizes known to the compiler.

use std::fmt::Debug;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// What a matrix can hold.
pub trait Number:
    Copy
    + Debug
    + PartialEq
    + PartialOrd
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
    /// Adds nothing.
    const ZERO: Self;
    /// Multiplies by nothing.
    const ONE: Self;
}

macro_rules! numbers {
    ($($type:ty: $zero:expr, $one:expr;)*) => {
        $(impl Number for $type {
            const ZERO: Self = $zero;
            const ONE: Self = $one;
        })*
    };
}

numbers! {
    f32: 0.0, 1.0;
    f64: 0.0, 1.0;
    i32: 0, 1;
    i64: 0, 1;
    i128: 0, 1;
}

/// `R` rows of `C` numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Matrix<T, const R: usize, const C: usize>(pub [[T; C]; R]);

impl<T: Number, const R: usize, const C: usize> Matrix<T, R, C> {
    /// Each number from its row and column.
    pub fn from_fn(value: impl Fn(usize, usize) -> T) -> Self {
        Self(std::array::from_fn(|row| std::array::from_fn(|column| value(row, column))))
    }

    /// Rows become columns.
    #[must_use]
    pub fn transposed(&self) -> Matrix<T, C, R> {
        Matrix::from_fn(|row, column| self.0[column][row])
    }

    /// Every number changed alike.
    #[must_use]
    pub fn map<U: Number>(&self, change: impl Fn(T) -> U) -> Matrix<U, R, C> {
        Matrix::from_fn(|row, column| change(self.0[row][column]))
    }
}

impl<T: Number, const N: usize> Matrix<T, N, N> {
    /// Ones on the diagonal.
    pub fn identity() -> Self {
        Self::from_fn(|row, column| if row == column { T::ONE } else { T::ZERO })
    }

    /// Product of itself `exponent` times, by squaring.
    #[must_use]
    pub fn power(self, mut exponent: u32) -> Self {
        let (mut result, mut base) = (Self::identity(), self);
        while exponent > 0 {
            if exponent % 2 == 1 {
                result = result * base;
            }
            base = base * base;
            exponent /= 2;
        }
        result
    }

    /// Gauss-Jordan elimination with row exchange: the inverse and the determinant, none when singular.
    pub fn inverse(&self) -> Option<(Self, T)> {
        let (mut left, mut right) = (self.0, Self::identity().0);
        let mut determinant = T::ONE;
        for pivot in 0..N {
            let row = (pivot..N).find(|&row| left[row][pivot] != T::ZERO)?;
            if row != pivot {
                left.swap(row, pivot);
                right.swap(row, pivot);
                determinant = -determinant;
            }
            let scale = left[pivot][pivot];
            determinant = determinant * scale;
            for column in 0..N {
                left[pivot][column] = left[pivot][column] / scale;
                right[pivot][column] = right[pivot][column] / scale;
            }
            for other in (0..N).filter(|&other| other != pivot) {
                let factor = left[other][pivot];
                for column in 0..N {
                    left[other][column] = left[other][column] - factor * left[pivot][column];
                    right[other][column] = right[other][column] - factor * right[pivot][column];
                }
            }
        }
        Some((Self(right), determinant))
    }
}

impl<T: Number, const R: usize, const K: usize, const C: usize> Mul<Matrix<T, K, C>>
    for Matrix<T, R, K>
{
    type Output = Matrix<T, R, C>;

    fn mul(self, other: Matrix<T, K, C>) -> Self::Output {
        Matrix::from_fn(|row, column| {
            (0..K).fold(T::ZERO, |sum, k| sum + self.0[row][k] * other.0[k][column])
        })
    }
}

impl<T: Number, const R: usize, const C: usize> Add for Matrix<T, R, C> {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self::from_fn(|row, column| self.0[row][column] + other.0[row][column])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample<T: Number, const R: usize, const C: usize>(of: impl Fn(i32) -> T) -> Matrix<T, R, C> {
        Matrix::from_fn(|row, column| of((row * row * 7 + column * 3 + row * column) as i32 % 11))
    }

    fn product_of_transposes<T: Number, const R: usize, const K: usize, const C: usize>(
        of: impl Fn(i32) -> T + Copy,
    ) {
        let (a, b) = (sample::<T, R, K>(of), sample::<T, K, C>(of));
        assert_eq!((a * b).transposed(), b.transposed() * a.transposed());
    }

    #[test]
    fn a_product_is_transposed_in_reverse() {
        product_of_transposes::<i32, 2, 3, 4>(|v| v);
        product_of_transposes::<i64, 5, 1, 3>(i64::from);
        product_of_transposes::<i128, 4, 4, 4>(i128::from);
        product_of_transposes::<f32, 3, 6, 2>(|v| v as f32);
        product_of_transposes::<f64, 8, 2, 5>(f64::from);
    }

    #[test]
    fn powers_of_the_fibonacci_matrix_hold_fibonacci_numbers() {
        let step = Matrix([[1_i64, 1], [1, 0]]);
        assert_eq!(step.power(50).0[0][1], 12_586_269_025);
    }

    #[test]
    fn the_inverse_times_the_matrix_is_the_identity() {
        let matrix = Matrix([[4.0, 7.0, 2.0], [3.0, 6.0, 1.0], [2.0, 5.0, 3.0]]);
        let (inverse, determinant) = matrix.inverse().unwrap();
        let rounded = (matrix * inverse).map(|v: f64| (v * 1e9).round() / 1e9);
        assert_eq!(rounded, Matrix::identity());
        assert!((determinant - 9.0).abs() < 1e-9);
    }

    #[test]
    fn a_singular_matrix_has_no_inverse() {
        assert!(Matrix([[1.0, 2.0], [2.0, 4.0]]).inverse().is_none());
    }
}
