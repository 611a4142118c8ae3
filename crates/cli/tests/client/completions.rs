use std::process::Stdio;

use crate::Ran;
use crate::up::workbench;

#[test]
fn every_shell_gets_a_script_that_knows_the_commands() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let output = workbench(&["completions", shell]).stdout(Stdio::piped()).output();
        let ran = Ran::from(output.unwrap());
        assert_eq!(ran.code, 0, "{}", ran.told);
        for word in ["terminate", "completions", "profile"] {
            assert!(ran.shown.contains(word), "{shell}: {word}");
        }
    }
    assert_eq!(
        workbench(&["completions", "abacus"]).status().unwrap().code(),
        Some(2)
    );
}
