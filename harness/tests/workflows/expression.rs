//! `${{ }}` expressions, as far as the workflows use them. Anything else panics, so that a test notices it.

use serde_json::Value;

/// What an expression is evaluated against.
pub(crate) struct Scope {
    /// `github`, `needs`, `steps`, `matrix`, `inputs`, `env`.
    pub(crate) contexts: serde_json::Map<String, Value>,
    /// Whether every step (or needed job) so far ended well.
    pub(crate) success: bool,
}

impl Scope {
    /// A text with expressions in it; one that is nothing but an expression keeps its type.
    pub(crate) fn text(&self, text: &str) -> Value {
        let trimmed = text.trim();
        if let Some(inner) = trimmed.strip_prefix("${{").and_then(|rest| rest.strip_suffix("}}"))
            && !inner.contains("${{")
        {
            return self.evaluate(inner);
        }
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${{") {
            let (inner, after) = after.split_once("}}").expect("an expression ends");
            out.push_str(before);
            out.push_str(&shown(&self.evaluate(inner)));
            rest = after;
        }
        Value::String(out + rest)
    }

    /// A value of the YAML file as the text that a step is given.
    pub(crate) fn shown(&self, value: &Value) -> String {
        match value {
            Value::String(text) => shown(&self.text(text)),
            other => shown(other),
        }
    }

    /// An `if:`: without a status function it also asks for success.
    pub(crate) fn condition(&self, condition: Option<&Value>) -> bool {
        let Some(condition) = condition else { return self.success };
        let text = shown(condition);
        let inner = text.trim().trim_start_matches("${{").trim_end_matches("}}");
        let asks = ["always()", "failure()", "cancelled()", "success()"];
        let status = asks.iter().any(|name| inner.contains(name));
        truthy(&self.evaluate(inner)) && (status || self.success)
    }

    fn evaluate(&self, text: &str) -> Value {
        let tokens = tokens(text);
        let mut parser = Parser { scope: self, tokens: &tokens, at: 0 };
        let value = parser.or();
        assert_eq!(parser.at, tokens.len(), "`{text}` is understood as a whole");
        value
    }

    /// `a.b.c`. Outputs that a step did not write are empty; everything else must be there.
    fn path(&self, path: &str) -> Value {
        let mut value = &Value::Object(self.contexts.clone());
        for part in path.split('.') {
            match value.get(part) {
                Some(next) => value = next,
                None if path.contains(".outputs.") => return Value::String(String::new()),
                None => panic!("`{path}`: the test does not say what `{part}` is"),
            }
        }
        value.clone()
    }
}

fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let length = if let Some(quoted) = rest.strip_prefix('\'') {
            quoted.find('\'').expect("a text ends") + 2
        } else if ["==", "!=", "&&", "||"].iter().any(|op| rest.starts_with(op)) {
            2
        } else {
            let word = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
            rest.find(|c| !word(c)).unwrap_or(rest.len()).max(1)
        };
        tokens.push(rest[..length].to_owned());
        rest = rest[length..].trim_start();
    }
    tokens
}

struct Parser<'a> {
    scope: &'a Scope,
    tokens: &'a [String],
    at: usize,
}

impl Parser<'_> {
    fn takes(&mut self, token: &str) -> bool {
        let found = self.tokens.get(self.at).is_some_and(|found| found == token);
        self.at += usize::from(found);
        found
    }

    fn or(&mut self) -> Value {
        let mut value = self.and();
        while self.takes("||") {
            let other = self.and();
            value = if truthy(&value) { value } else { other };
        }
        value
    }

    fn and(&mut self) -> Value {
        let mut value = self.comparison();
        while self.takes("&&") {
            let other = self.comparison();
            value = if truthy(&value) { other } else { value };
        }
        value
    }

    fn comparison(&mut self) -> Value {
        let value = self.unary();
        if self.takes("==") {
            return Value::Bool(shown(&value) == shown(&self.unary()));
        }
        if self.takes("!=") {
            return Value::Bool(shown(&value) != shown(&self.unary()));
        }
        value
    }

    fn unary(&mut self) -> Value {
        if self.takes("!") {
            return Value::Bool(!truthy(&self.unary()));
        }
        let token = self.tokens[self.at].clone();
        self.at += 1;
        if let Some(text) = token.strip_prefix('\'') {
            return Value::String(text.trim_end_matches('\'').to_owned());
        }
        if !self.takes("(") {
            return self.scope.path(&token);
        }
        let value = match token.as_str() {
            "always" => Value::Bool(true),
            "success" => Value::Bool(self.scope.success),
            "failure" => Value::Bool(!self.scope.success),
            "cancelled" => Value::Bool(false),
            "fromJSON" => {
                let text = shown(&self.or());
                serde_json::from_str(&text).unwrap_or_else(|e| panic!("fromJSON({text}): {e}"))
            }
            other => panic!("the function `{other}` is not known here"),
        };
        assert!(self.takes(")"), "`{token}(` is closed");
        value
    }
}

fn truthy(value: &Value) -> bool {
    !matches!(shown(value).as_str(), "" | "false" | "0")
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[test]
fn expressions_have_the_values_that_the_forges_document() {
    let contexts =
        serde_json::json!({"github": {"n": 7, "x": ""}, "steps": {"a": {"outputs": {}}}});
    let Value::Object(contexts) = contexts else { unreachable!() };
    let scope = Scope { contexts, success: false };
    for (text, expected) in [
        ("pr-${{ github.n }}!", "pr-7!"),
        ("${{ github.n == '7' && 'yes' || 'no' }}", "yes"),
        ("${{ !github.x }}", "true"),
        ("${{ steps.a.outputs.b }}", ""),
        ("${{ fromJSON('[1,2]') }}", "[1,2]"),
    ] {
        assert_eq!(scope.shown(&Value::String(text.to_owned())), expected, "{text}");
    }
    let when = |text: &str| scope.condition(Some(&Value::String(text.to_owned())));
    assert!(when("always()") && when("always() && github.n != '8'") && !when("github.n == '7'"));
}
