//! The configuration file: for each Workbench that somebody uses, where it is and who asks.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

use super::{Error, Renewal};

/// Below `$XDG_CONFIG_HOME`, or `~/.config`.
const FILE: &str = "workbench/config.toml";

/// One section of the file.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Profile {
    /// URL of the API.
    pub(super) url: Option<String>,
    /// Access token.
    token: Option<String>,
    /// Shell command that prints one: they are short-lived.
    token_command: Option<String>,
}

impl fmt::Debug for Profile {
    /// Without the token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Profile")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

impl Profile {
    /// The profile called `name`; an empty one if no name was asked for and there is none.
    ///
    /// # Errors
    /// The file can not be read, or has no profile of the name that was asked for.
    pub(super) fn load(file: Option<&Path>, asked_for: Option<&str>) -> Result<Self, Error> {
        let text = match file.map(std::fs::read_to_string) {
            Some(Ok(text)) => text,
            Some(Err(error)) if error.kind() != std::io::ErrorKind::NotFound => {
                let file = file.unwrap_or(Path::new(FILE)).display();
                return Err(Error::usage(format!("{file} can not be read: {error}")));
            }
            Some(Err(_)) | None => String::new(),
        };
        let mut profiles: BTreeMap<String, Self> = toml::from_str(&text).map_err(|error| {
            let file = file.unwrap_or(Path::new(FILE)).display();
            // Without the line itself, which may be the token's.
            Error::usage(format!("{file} can not be read: {}", error.message()))
        })?;
        if let Some(profile) = profiles.remove(asked_for.unwrap_or("default")) {
            return Ok(profile);
        }
        match asked_for {
            None => Ok(Self::default()),
            Some(name) => {
                let known: Vec<_> = profiles.keys().map(|name| format!("`{name}`")).collect();
                let known = match known.as_slice() {
                    [] => "there are none".to_owned(),
                    _ => format!("there are {}", known.join(", ")),
                };
                let file = file.unwrap_or(Path::new(FILE)).display();
                Err(Error::usage(format!("{file} has no profile `{name}`; {known}")))
            }
        }
    }

    /// The token, of the command if there is one.
    ///
    /// # Errors
    /// There is none, or the command fails.
    pub(super) fn token(&self) -> Result<String, Error> {
        let token = match &self.token_command {
            Some(command) => printed_by(command)?,
            None => self.token.clone().unwrap_or_default(),
        };
        if token.is_empty() {
            return Err(Error::NoToken);
        }
        Ok(token)
    }

    /// What makes another token, if there is a command for it.
    pub(super) fn renewal(self) -> Option<Renewal> {
        self.token_command.is_some().then(|| {
            let renewal: Renewal = Box::new(move || self.token());
            renewal
        })
    }
}

/// Where the file is, in the environment that `variable` reads.
pub(super) fn file(variable: impl Fn(&str) -> Option<String>) -> Option<PathBuf> {
    let folder = |name, below: &str| variable(name).map(|folder| PathBuf::from(folder).join(below));
    let folder = folder("XDG_CONFIG_HOME", "").or_else(|| folder("HOME", ".config"))?;
    Some(folder.join(FILE))
}

/// What the command prints, without spaces around it. It may ask the person something.
fn printed_by(command: &str) -> Result<String, Error> {
    let failed = |why: String| Error::usage(format!("token_command fails: {why}"));
    let output = Command::new("sh")
        .args(["-c", command])
        .stdin(Stdio::inherit())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| failed(error.to_string()))?;
    if !output.status.success() {
        return Err(failed(output.status.to_string()));
    }
    let text = String::from_utf8(output.stdout).map_err(|_| failed("it prints no text".into()))?;
    Ok(text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("workbench-profile-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join("config.toml");
        std::fs::write(&file, text).unwrap();
        file
    }

    fn load(text: &str, asked_for: Option<&str>) -> Result<Profile, String> {
        Profile::load(Some(&written(text)), asked_for).map_err(|error| error.to_string())
    }

    const TWO: &str = "[default]\nurl = \"https://a\"\ntoken = \"one\"\n[prod]\nurl = \"https://b\"\n\
                       token_command = \"echo ' two '\"\n";

    #[test]
    fn a_profile_is_found_by_its_name_and_default_without_one() {
        let default = load(TWO, None).unwrap();
        assert_eq!(
            (default.url.as_deref(), default.token().unwrap()),
            (Some("https://a"), "one".into())
        );
        let prod = load(TWO, Some("prod")).unwrap();
        assert_eq!(
            (prod.url.as_deref(), prod.token().unwrap()),
            (Some("https://b"), "two".into())
        );
        assert!(default.renewal().is_none());
        assert_eq!(prod.renewal().unwrap()().unwrap(), "two");
        assert!(load("", None).unwrap().url.is_none());
    }

    #[test]
    fn a_profile_that_is_not_there_is_told_with_those_that_are() {
        let told = load(TWO, Some("test")).unwrap_err();
        assert!(
            told.ends_with("has no profile `test`; there are `default`, `prod`"),
            "{told}"
        );
    }

    #[test]
    fn a_file_that_can_not_be_read_is_told_without_its_tokens() {
        for text in [
            "[default]\ntoken = secret\n",
            "[default]\ntoken = \"secret\"\nurk = 1\n",
        ] {
            let told = load(text, None).unwrap_err();
            assert!(told.contains("config.toml can not be read: "), "{told}");
            assert!(!told.contains("secret"), "{told}");
        }
    }

    #[test]
    fn a_token_is_shown_nowhere_and_one_that_is_missing_is_told() {
        assert!(!format!("{:?}", load(TWO, None).unwrap()).contains("one"));
        let nothing = load("[default]\n", None).unwrap();
        assert!(matches!(nothing.token(), Err(Error::NoToken)));
        let failing = load("[default]\ntoken_command = \"exit 3\"\n", None).unwrap();
        let told = failing.token().unwrap_err().to_string();
        assert!(told.starts_with("token_command fails: "), "{told}");
    }

    #[test]
    fn the_file_is_where_xdg_says_or_below_home() {
        let home = |name: &str| (name == "HOME").then(|| "/home/ada".to_owned());
        assert_eq!(
            file(home).unwrap(),
            Path::new("/home/ada/.config/workbench/config.toml")
        );
        let both = |name: &str| Some(if name == "HOME" { "/home/ada" } else { "/etc/xdg" }.to_owned());
        assert_eq!(file(both).unwrap(), Path::new("/etc/xdg/workbench/config.toml"));
        assert_eq!(file(|_| None), None);
    }
}
