//! Wildcards and policy variables.

/// Whether upper and lower case differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Case {
    Sensitive,
    Insensitive,
}

/// The policy variables known here, in lower case; `aws:PrincipalTag/<key>` is known as well.
const VARIABLES: [&str; 5] = [
    "aws:principalaccount",
    "aws:principalarn",
    "aws:requestedregion",
    "aws:sourceaccount",
    "aws:userid",
];

/// Whether the text matches the pattern, in which `*` stands for any characters and `?` for one.
pub(crate) fn matches(pattern: &str, text: &str, case: Case) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    match case {
        Case::Sensitive => wildcard(pattern, text, |one, other| one == other),
        Case::Insensitive => wildcard(pattern, text, |one, other| one.eq_ignore_ascii_case(&other)),
    }
}

/// Matches from the left; after a mismatch the last `*` takes one character more.
fn wildcard(pattern: &[u8], text: &[u8], same: impl Fn(u8, u8) -> bool) -> bool {
    let (mut at_pattern, mut at_text) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while at_text < text.len() {
        match pattern.get(at_pattern) {
            Some(b'*') => {
                star = Some((at_pattern, at_text));
                at_pattern += 1;
            }
            Some(&byte) if byte == b'?' || same(byte, text[at_text]) => {
                at_pattern += 1;
                at_text += 1;
            }
            _ => match star {
                Some((star_pattern, star_text)) => {
                    star = Some((star_pattern, star_text + 1));
                    at_pattern = star_pattern + 1;
                    at_text = star_text + 1;
                }
                None => return false,
            },
        }
    }
    pattern[at_pattern..].iter().all(|byte| *byte == b'*')
}

/// Refuses a policy variable that is not known here.
pub(super) fn check_variables(text: &str) -> Result<(), String> {
    let mut unknown = None;
    replace_variables(text, |name| {
        let lower = name.to_ascii_lowercase();
        if !VARIABLES.contains(&lower.as_str()) && !lower.starts_with("aws:principaltag/") {
            unknown = Some(name.to_owned());
        }
        Some(String::new())
    })
    .ok_or_else(|| format!("`{text}` has a policy variable without end"))?;
    match unknown {
        Some(name) => Err(format!("the local IAM has no policy variable `${{{name}}}`")),
        None => Ok(()),
    }
}

/// Replaces every `${name}`; `None` if one has no value or no end.
pub(super) fn replace_variables(text: &str, mut value: impl FnMut(&str) -> Option<String>) -> Option<String> {
    let mut replaced = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        replaced.push_str(&rest[..start]);
        let end = start + rest[start..].find('}')?;
        match &rest[start + 2..end] {
            literal @ ("*" | "?" | "$") => replaced.push_str(literal),
            name => replaced.push_str(&value(name)?),
        }
        rest = &rest[end + 1..];
    }
    replaced.push_str(rest);
    Some(replaced)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_stand_for_any_and_for_one_character() {
        let cases = [
            ("*", "", true),
            ("a*c", "abbc", true),
            ("a*c", "abbd", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("*-a-*-b", "x-a-y-a-b", true),
            ("abc", "abcd", false),
        ];
        for (pattern, text, expected) in cases {
            assert_eq!(
                matches(pattern, text, Case::Sensitive),
                expected,
                "{pattern} on {text}"
            );
        }
        assert!(matches("AB*", "abc", Case::Insensitive));
    }

    #[test]
    fn variables_without_a_value_make_the_whole_pattern_void() {
        let value = |name: &str| (name == "aws:userid").then(|| "me".to_owned());
        assert_eq!(
            replace_variables("a/${aws:userid}/${*}", value).as_deref(),
            Some("a/me/*")
        );
        assert_eq!(replace_variables("a/${aws:other}", value), None);
        assert!(check_variables("${aws:PrincipalTag/team}").is_ok());
        assert!(check_variables("${aws:userid").is_err());
    }
}
