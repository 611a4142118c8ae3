//! Which API a command asks, and as whom: by option, environment variable or profile.

use super::{Client, Error, profile, profile::Profile};

const URL: &str = "WORKBENCH_URL";
const TOKEN: &str = "WORKBENCH_TOKEN";
const PROFILE: &str = "WORKBENCH_PROFILE";

/// Where the API is, who asks, and how the answer looks.
#[derive(Default, clap::Args)]
#[command(next_help_heading = "API")]
pub(crate) struct Options {
    /// URL of the API, such as the stack's output `ApiUrl`; else $WORKBENCH_URL, else the profile's
    #[arg(long, value_name = "URL", global = true)]
    url: Option<String>,
    /// Access token; else $WORKBENCH_TOKEN, else the profile's. Other users of the machine can see options
    #[arg(long, global = true)]
    token: Option<String>,
    /// Section of ~/.config/workbench/config.toml; else $WORKBENCH_PROFILE, else `default`
    #[arg(long, value_name = "NAME", global = true)]
    profile: Option<String>,
    /// Print the API's answer as JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

impl Options {
    /// The client that they make.
    ///
    /// # Errors
    /// They name no API or no token, or the profile can not be read.
    pub(crate) fn client(&self) -> Result<Client, Error> {
        self.client_in(|name| std::env::var(name).ok())
    }

    /// As [`Options::client`], in another environment.
    fn client_in(&self, variable: impl Fn(&str) -> Option<String>) -> Result<Client, Error> {
        let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
        // Whoever names a profile means it, whatever else is in the environment.
        let unless_profile = |name| {
            if self.profile.is_some() {
                None
            } else {
                variable(name)
            }
        };
        let name = self.profile.clone().or_else(|| variable(PROFILE));
        let profile = Profile::load(profile::file(variable).as_deref(), name.as_deref())?;
        let elsewhere = self.url.clone().or_else(|| unless_profile(URL));
        // A profile's token is for the profile's API: no other is shown it.
        let at_home = elsewhere.is_none() || elsewhere == profile.url;
        let url = elsewhere.or_else(|| profile.url.clone()).ok_or_else(|| {
            Error::usage(format!(
                "no API is named: give --url, set {URL}, or give the profile `url`"
            ))
        })?;
        match self.token.clone().or_else(|| unless_profile(TOKEN)) {
            Some(token) => Client::new(&url, token),
            None if at_home => {
                let token = profile.token()?;
                Ok(Client::new(&url, token)?.renewed_by(profile.renewal()))
            }
            None => Err(Error::NoToken),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(url: Option<&str>, token: Option<&str>, profile: Option<&str>) -> Options {
        Options {
            url: url.map(str::to_owned),
            token: token.map(str::to_owned),
            profile: profile.map(str::to_owned),
            json: false,
        }
    }

    /// URL and token that options come to, with a file of profiles and some variables.
    fn asked(options: &Options, variables: &[(&str, &str)]) -> Result<(String, String), Error> {
        let folder = std::env::temp_dir().join(format!("workbench-options-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir_all(folder.join("workbench")).unwrap();
        let text = "[default]\nurl = \"https://default\"\ntoken = \"default\"\n\
                    [prod]\nurl = \"https://prod\"\ntoken = \"prod\"\n";
        std::fs::write(folder.join("workbench/config.toml"), text).unwrap();
        let client = options.client_in(|name| match name {
            "XDG_CONFIG_HOME" => folder.to_str().map(str::to_owned),
            _ => variables
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| (*value).to_owned()),
        })?;
        Ok((client.url, client.token.into_inner()))
    }

    #[test]
    fn options_go_before_variables_and_variables_before_the_profile() {
        let variables = [(URL, "https://v"), (TOKEN, "v")];
        let both = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        let none = options(None, None, None);
        assert_eq!(asked(&none, &[]).unwrap(), both("https://default", "default"));
        assert_eq!(
            asked(&none, &[(PROFILE, "prod")]).unwrap(),
            both("https://prod", "prod")
        );
        assert_eq!(asked(&none, &variables).unwrap(), both("https://v", "v"));
        let given = options(Some("https://o"), Some("o"), None);
        assert_eq!(asked(&given, &variables).unwrap(), both("https://o", "o"));
        let named = options(None, None, Some("prod"));
        assert_eq!(asked(&named, &variables).unwrap(), both("https://prod", "prod"));
    }

    #[test]
    fn a_profiles_token_goes_to_no_other_api() {
        let elsewhere = options(Some("https://o"), None, None);
        assert!(matches!(asked(&elsewhere, &[]), Err(Error::NoToken)));
        assert!(matches!(
            asked(&options(None, None, None), &[(URL, "https://v")]),
            Err(Error::NoToken)
        ));
        assert!(asked(&options(Some("https://default"), None, None), &[]).is_ok());
    }

    #[test]
    fn what_is_missing_is_told() {
        let nothing = options(None, None, None).client_in(|_| None).map(|_| ());
        let told = nothing.unwrap_err().to_string();
        assert!(told.contains("--url") && told.contains(URL), "{told}");
        let wrong = options(Some("example.com"), Some("t"), None)
            .client_in(|_| None)
            .map(|_| ());
        assert_eq!(
            wrong.unwrap_err().to_string(),
            "`example.com` is no URL; give one with https://"
        );
    }
}
