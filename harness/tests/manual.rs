//! Completions and manual pages: made of the same commands as `--help`.

mod common;

use std::fs;

use common::Project;

fn stdout(project: &Project, args: &[&str]) -> String {
    let output = project.bench(args).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{args:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The commands that `bench --help` lists.
fn commands(project: &Project) -> Vec<String> {
    let help = stdout(project, &["--help"]);
    let list = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    list.lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next().map(str::to_owned))
        .filter(|name| name != "help")
        .collect()
}

#[test]
fn every_shell_completes_every_command() {
    let project = Project::new("", &[]);
    let commands = commands(&project);
    assert!(commands.len() > 20, "{commands:?}");
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = stdout(&project, &["completions", shell]);
        for command in &commands {
            assert!(script.contains(command.as_str()), "{shell} does not complete `{command}`");
        }
    }
    let output = project.bench(&["completions", "cmd"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn the_manual_has_a_page_a_command() {
    let project = Project::new("", &[]);
    let page = stdout(&project, &["man"]);
    assert!(page.contains(".TH bench 1") && page.contains("Exit codes"), "{page}");
    assert_eq!(stdout(&project, &["man", "--out", "share/man1"]), "");
    for command in commands(&project) {
        let path = project.path(&format!("share/man1/bench-{command}.1"));
        let text = fs::read_to_string(&path).unwrap_or_else(|_| panic!("no page of `{command}`"));
        assert!(text.contains(".SH SYNOPSIS"), "{command}");
    }
    assert!(project.path("share/man1/bench.1").exists());
}
