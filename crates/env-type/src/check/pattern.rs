//! Regular expressions of parameters, and whether what they accept can stand inside a JSON string.

use regex_lite::Regex;

use crate::fault::{Code, Findings, one_of};

/// Checks that a pattern compiles and that the default keeps pattern and allowed values.
pub(super) fn check(
    name: &str,
    line: usize,
    pattern: Option<&(String, usize)>,
    allowed_values: &[String],
    default: Option<&str>,
    findings: &mut Findings<'_>,
) {
    if let Some((pattern, line)) = pattern {
        match Regex::new(&format!("^(?:{pattern})$")) {
            Err(error) => {
                let wrong = format!("the pattern of `{name}` does not compile: {error}");
                findings.add(
                    *line,
                    Code::Pattern,
                    wrong,
                    "a regular expression without look-around",
                );
            }
            Ok(regex) => {
                if let Some(default) = default.filter(|default| !regex.is_match(default)) {
                    let wrong = format!("default `{default}` of `{name}` does not match its pattern");
                    findings.add(
                        *line,
                        Code::Pattern,
                        wrong,
                        format!("a default that matches `{pattern}`"),
                    );
                }
            }
        }
    }
    if let Some(default) = default
        && !allowed_values.is_empty()
        && !allowed_values.iter().any(|allowed| allowed == default)
    {
        let wrong = format!("default `{default}` of `{name}` is not allowed");
        findings.add(
            line,
            Code::Pattern,
            wrong,
            one_of(allowed_values.iter().map(String::as_str)),
        );
    }
}

/// Whether no text that matches the pattern has a quote, a backslash or a control character.
///
/// Careful rather than clever: a pattern counts as safe only if it is anchored at both ends, has no alternative
/// outside a group and consists of safe characters, sets of them and `\d` or `\w`.
pub(super) fn is_json_safe(pattern: &str) -> bool {
    let Some(inner) = pattern.strip_prefix('^').and_then(|rest| rest.strip_suffix('$')) else {
        return false;
    };
    let mut chars = inner.chars().peekable();
    let mut depth = 0_usize;
    while let Some(c) = chars.next() {
        let safe = match c {
            '\\' => chars.next().is_some_and(is_safe_escape),
            '[' => is_safe_set(&mut chars),
            '.' => false,
            '|' => depth > 0,
            '(' => {
                depth += 1;
                true
            }
            ')' => {
                let open = depth > 0;
                depth = depth.saturating_sub(1);
                open
            }
            c => is_safe(c),
        };
        if !safe {
            return false;
        }
    }
    true
}

/// Whether a text can stand inside a JSON string as it is.
pub(super) fn is_json_safe_text(text: &str) -> bool {
    text.chars().all(is_safe)
}

fn is_safe(c: char) -> bool {
    c != '"' && c != '\\' && !c.is_control()
}

fn is_safe_escape(c: char) -> bool {
    matches!(c, 'd' | 'w') || (c.is_ascii_punctuation() && is_safe(c))
}

/// Reads up to the closing bracket.
fn is_safe_set(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> bool {
    if chars.peek() == Some(&'^') {
        return false;
    }
    while let Some(c) = chars.next() {
        let start = match c {
            ']' => return true,
            '[' | '&' => return false,
            '\\' => match chars.next() {
                Some(escaped) if is_safe_escape(escaped) => escaped,
                _ => return false,
            },
            c if is_safe(c) => c,
            _ => return false,
        };
        if chars.peek() == Some(&'-') {
            chars.next();
            match chars.peek() {
                Some(']') | None => {}
                Some(&end) if is_safe(end) && !(start..=end).any(|c| !is_safe(c)) => {
                    chars.next();
                }
                Some(_) => return false,
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_of_ids_are_safe() {
        let ids = [
            "^env-[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$",
            "^pp-[A-Za-z0-9]+$",
            r"^[\w.-]{1,100}$",
            r"^\d+\.\d+$",
            "^(on|off)$",
        ];
        for pattern in ids {
            assert!(is_json_safe(pattern), "{pattern}");
        }
    }

    #[test]
    fn patterns_that_let_a_quote_a_backslash_or_a_newline_through_are_not() {
        let open = [
            "env-[a-z]+",
            "^env-[a-z]+",
            "^.*$",
            r"^\S+$",
            "^[^a]+$",
            "^a|b$",
            "^[ -~]+$",
            "^[A-z]+$",
            r#"^a"b$"#,
            r"^\\$",
            r"^[\s]$",
            r"^\n$",
            r"^[!-\]]+$",
            "^[a",
            "^a)$",
            "",
            "^[[:print:]]$",
        ];
        for pattern in open {
            assert!(!is_json_safe(pattern), "{pattern}");
        }
    }
}
