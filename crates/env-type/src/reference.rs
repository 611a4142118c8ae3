//! `{{ ... }}` in Automation documents.

/// What stands between the braces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reference<'t> {
    /// `{{ Parameter }}`
    Parameter(&'t str),
    /// `{{ Step.Output }}`
    Output(&'t str, &'t str),
    /// `{{ automation:EXECUTION_ID }}`, `{{ global:REGION }}`
    Variable(&'t str),
}

/// Variables that Systems Manager fills in ("Automation system variables" of the AWS documentation).
pub(crate) const VARIABLES: [&str; 6] = [
    "automation:EXECUTION_ID",
    "global:ACCOUNT_ID",
    "global:AWS_PARTITION",
    "global:DATE",
    "global:DATE_TIME",
    "global:REGION",
];

impl<'t> Reference<'t> {
    fn parse(text: &'t str) -> Self {
        let text = text.trim();
        if text.contains(':') {
            Self::Variable(text)
        } else {
            text.split_once('.')
                .map_or(Self::Parameter(text), |(step, output)| Self::Output(step, output))
        }
    }
}

/// Every reference in a text.
pub(crate) fn references(text: &str) -> Vec<Reference<'_>> {
    replace(text, |_| "").1
}

/// The reference that is the whole text.
pub(crate) fn whole(text: &str) -> Option<Reference<'_>> {
    match replace(text, |_| "") {
        (rest, references) if rest.trim().is_empty() && references.len() == 1 => references.first().copied(),
        _ => None,
    }
}

/// The text with each reference replaced, and the references. Braces that do not close stay.
pub(crate) fn replace<'t>(
    text: &'t str,
    with: impl Fn(Reference<'t>) -> &'t str,
) -> (String, Vec<Reference<'t>>) {
    let (mut out, mut found, mut rest) = (String::new(), Vec::new(), text);
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((inside, after)) = after.split_once("}}") else {
            break;
        };
        let reference = Reference::parse(inside);
        out.push_str(before);
        out.push_str(with(reference));
        found.push(reference);
        rest = after;
    }
    out.push_str(rest);
    (out, found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_found_with_and_without_spaces() {
        assert_eq!(
            references("a {{ P }} b {{Step.Out}} {{ global:REGION }} {{ open"),
            [
                Reference::Parameter("P"),
                Reference::Output("Step", "Out"),
                Reference::Variable("global:REGION")
            ]
        );
        assert_eq!(whole(" {{ P }} "), Some(Reference::Parameter("P")));
        assert_eq!(whole("x{{ P }}"), None);
        assert_eq!(whole("{{ P }}{{ Q }}"), None);
    }
}
