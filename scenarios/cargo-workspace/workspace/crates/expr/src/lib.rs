//! Arithmetic expressions: a parser, an optimiser and a stack machine.

use std::collections::BTreeMap;

use parse::{Failure, Parsed, Parser, number, skip, span, token};

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// A number.
    Number(f64),
    /// A variable.
    Name(String),
    /// An operation on two.
    Binary(Op, Box<Expr>, Box<Expr>),
}

/// An operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `<`: 1 or 0
    Less,
}

impl Op {
    /// Its result.
    pub fn apply(self, left: f64, right: f64) -> f64 {
        match self {
            Self::Add => left + right,
            Self::Subtract => left - right,
            Self::Multiply => left * right,
            Self::Divide => left / right,
            Self::Less => f64::from(u8::from(left < right)),
        }
    }
}

/// One step of the machine.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Puts a number on the stack.
    Push(f64),
    /// Puts a variable's value on the stack.
    Load(String),
    /// Takes two off, puts the result on.
    Apply(Op),
}

/// Deeper nesting than this is refused.
const DEPTH: usize = 100;

/// From loosest to tightest.
const LEVELS: [&[(&str, Op)]; 3] = [
    &[("<", Op::Less)],
    &[("+", Op::Add), ("-", Op::Subtract)],
    &[("*", Op::Multiply), ("/", Op::Divide)],
];

impl Expr {
    /// Reads an expression.
    pub fn read(text: &str) -> Result<Self, String> {
        let whole =
            |text: &str, at: usize| binary(text, at, 0, 0).map(|(e, at)| (e, skip(text, at)));
        whole.parse_all(text).map_err(|failure| failure.explain(text))
    }

    /// Computes what is known already, and drops what changes nothing.
    #[must_use]
    pub fn simplified(self) -> Self {
        let Self::Binary(op, left, right) = self else {
            return self;
        };
        match (op, left.simplified(), right.simplified()) {
            (op, Self::Number(a), Self::Number(b)) => Self::Number(op.apply(a, b)),
            (Op::Add, Self::Number(0.0), e) | (Op::Multiply, Self::Number(1.0), e) => e,
            (Op::Add | Op::Subtract, e, Self::Number(0.0)) => e,
            (Op::Multiply | Op::Divide, e, Self::Number(1.0)) => e,
            (op, a, b) => Self::Binary(op, Box::new(a), Box::new(b)),
        }
    }

    /// The steps that compute it.
    pub fn compiled(&self) -> Vec<Step> {
        match self {
            Self::Number(value) => vec![Step::Push(*value)],
            Self::Name(name) => vec![Step::Load(name.clone())],
            Self::Binary(op, left, right) => {
                let mut steps = left.compiled();
                steps.extend(right.compiled());
                steps.push(Step::Apply(*op));
                steps
            }
        }
    }
}

fn binary(text: &str, at: usize, level: usize, depth: usize) -> Parsed<Expr> {
    let Some(operations) = LEVELS.get(level) else {
        return operand(text, at, depth);
    };
    let (mut left, mut at) = binary(text, at, level + 1, depth)?;
    'more: loop {
        for (sign, op) in *operations {
            if let Ok(((), behind)) = token(sign).parse(text, at) {
                let (right, end) = binary(text, behind, level + 1, depth)?;
                left = Expr::Binary(*op, Box::new(left), Box::new(right));
                at = end;
                continue 'more;
            }
        }
        return Ok((left, at));
    }
}

fn operand(text: &str, at: usize, depth: usize) -> Parsed<Expr> {
    let at = skip(text, at);
    if depth > DEPTH {
        return Err(Failure { at, expected: "less nesting" });
    }
    if text[at..].starts_with('(') {
        let inner = |text: &str, at: usize| binary(text, at, 0, depth + 1);
        return token("(").then(inner).then(token(")")).map(|(((), e), ())| e).parse(text, at);
    }
    number
        .map(Expr::Number)
        .or(span("a name", |c| c.is_alphabetic() || c == '_').map(Expr::Name))
        .parse(text, at)
        .map_err(|failure| Failure { expected: "an operand", ..failure })
}

/// Runs the machine; the error names an unknown variable.
pub fn run(steps: &[Step], variables: &BTreeMap<String, f64>) -> Result<f64, String> {
    let mut stack = Vec::new();
    for step in steps {
        match step {
            Step::Push(value) => stack.push(*value),
            Step::Load(name) => {
                stack.push(*variables.get(name).ok_or_else(|| format!("unknown `{name}`"))?);
            }
            Step::Apply(op) => {
                let (Some(right), Some(left)) = (stack.pop(), stack.pop()) else {
                    return Err("stack underflow".to_owned());
                };
                stack.push(op.apply(left, right));
            }
        }
    }
    stack.pop().ok_or_else(|| "nothing to compute".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn eval(text: &str) -> Result<f64, String> {
        let variables = BTreeMap::from([("x".to_owned(), 4.0), ("y_z".to_owned(), 0.5)]);
        let expr = Expr::read(text)?;
        let plain = run(&expr.compiled(), &variables)?;
        let simplified = run(&expr.simplified().compiled(), &variables)?;
        assert_eq!(plain.to_bits(), simplified.to_bits(), "{text}");
        Ok(plain)
    }

    #[test]
    fn operators_bind_as_usual() {
        for (text, value) in [
            ("1 + 2 * 3", 7.0),
            ("(1 + 2) * 3", 9.0),
            ("10 - 4 - 3", 3.0),
            ("x / 2 / y_z", 4.0),
            ("1 + 1 < x", 1.0),
            ("0 + x * 1 - 0", 4.0),
        ] {
            assert_eq!(eval(text), Ok(value), "{text}");
        }
    }

    #[test]
    fn constants_are_computed_once() {
        assert_eq!(Expr::read("2 * 3 + x * 1").unwrap().simplified().compiled().len(), 3);
    }

    #[test]
    fn errors_name_the_place_or_the_variable() {
        assert_eq!(eval("1 + * 2"), Err("1:5: expected an operand".to_owned()));
        assert_eq!(eval("1 + q"), Err("unknown `q`".to_owned()));
        assert!(eval(&"(".repeat(5000)).is_err());
    }
}
