//! The help of the program: `--help`, `list`, `completions`.

use flowgen_templates::PATTERNS;

use crate::program::Place;

const COMMANDS: [&str; 7] = ["new", "gen", "check", "render", "explain", "list", "completions"];

#[test]
fn help_names_all_commands_and_the_exit_codes() {
    let help = Place::new().run(["--help"]).succeeded().stdout;
    for words in COMMANDS.iter().chain(&["Exit codes:", "  0  ", "  1  ", "  2  "]) {
        assert!(help.contains(words), "no `{words}` in {help}");
    }
}

#[test]
fn every_help_has_examples() {
    for command in COMMANDS {
        for flag in ["-h", "--help"] {
            let help = Place::new().run([command, flag]).succeeded().stdout;
            assert!(help.contains(&format!("Examples:\n  flowgen {command}")), "{help}");
        }
    }
}

#[test]
fn list_shows_every_pattern() {
    let list = Place::new().run(["list"]).succeeded().stdout;
    assert_eq!(list.lines().count(), PATTERNS.len());
    for pattern in PATTERNS {
        assert!(list.contains(pattern.name) && list.contains(pattern.summary));
    }
}

#[test]
fn shells_get_their_completions() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = Place::new().run(["completions", shell]).succeeded().stdout;
        assert!(script.contains("flowgen") && script.contains("explain"), "{shell}");
    }
}
