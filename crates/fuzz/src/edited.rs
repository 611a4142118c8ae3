//! Texts made of examples.

use bolero::{Driver, ValueGenerator};

use crate::{below, once_in, one_of};

/// What readers of texts have stumbled over elsewhere.
const ODD: [&str; 26] = [
    "",
    " ",
    "\t",
    "\n",
    "\0",
    "/",
    "%",
    "&",
    "=",
    "[",
    "]",
    "][",
    "{",
    "\"",
    "\\",
    "'",
    "#",
    ":",
    ".",
    "-",
    "0",
    "null",
    "é",
    "İ",
    "\u{10ffff}",
    "😀",
];

/// One of the examples, in most cases with up to three edits: something odd or a piece of an example is put in, taken
/// out or put in the place of something, or the case of a letter changes.
#[derive(Debug, Clone)]
pub struct Edited<'a> {
    examples: &'a [&'a str],
}

impl<'a> Edited<'a> {
    /// Texts made of these examples; of odd texts alone if there are none.
    #[must_use]
    pub const fn of(examples: &'a [&'a str]) -> Self {
        Self { examples }
    }
}

impl ValueGenerator for Edited<'_> {
    type Output = String;

    fn generate<D: Driver>(&self, driver: &mut D) -> Option<String> {
        let mut text = (*one_of(driver, self.examples).or_else(|| one_of(driver, &ODD))?).to_owned();
        for _ in 0..below(driver, 4)? {
            let piece = self.piece(driver)?;
            let (from, to) = (place(driver, &text)?, place(driver, &text)?);
            let (from, to) = (from.min(to), from.max(to));
            match below(driver, 5)? {
                0 => text.insert_str(from, &piece),
                1 => text.replace_range(from..to, ""),
                2 => text.replace_range(from..to, &piece),
                3 => {
                    let turned = text[from..to].to_uppercase();
                    text.replace_range(from..to, &turned);
                }
                _ => text = piece.repeat(1 + below(driver, 150)?),
            }
        }
        Some(text)
    }
}

impl Edited<'_> {
    fn piece<D: Driver>(&self, driver: &mut D) -> Option<String> {
        if self.examples.is_empty() || once_in(driver, 2)? {
            return one_of(driver, &ODD).map(|odd| (*odd).to_owned());
        }
        let example = one_of(driver, self.examples)?;
        let (one, other) = (place(driver, example)?, place(driver, example)?);
        Some(example[one.min(other)..one.max(other)].to_owned())
    }
}

/// Somewhere between two characters.
fn place<D: Driver>(driver: &mut D, text: &str) -> Option<usize> {
    let wanted = below(driver, text.len() + 1)?;
    (wanted..=text.len()).find(|place| text.is_char_boundary(*place))
}
