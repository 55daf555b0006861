//! The command line: the commands of operators, and the answers.

mod figures;
mod stage;

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output};

use blue_green::site::Site;
use figures::Figures;
use stage::{PROGRAM, SETTINGS, Stage, staged, staged_without_users};

/// What the program says to these arguments, with the settings of a stage.
async fn says(stage: &Stage, arguments: &[&str]) -> (bool, String) {
    let mut command = stage.site.command(arguments);
    said(tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap())
}

fn said(output: Output) -> (bool, String) {
    let both = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(both).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_release_command_waits_and_prints_the_result() {
    let mut stage = staged(&[]).await;
    let (good, said) = says(&stage, &["release", "1.1.0", "--id", "good"]).await;
    assert!(good && said.starts_with("1.1.0 (good): completed\n"), "{said}");
    assert!(said.contains("  outcome  completed at `New version serves`\n"), "{said}");
    let (good, said) = says(&stage, &["release", "1.2.0-wrong"]).await;
    assert!(!good && said.contains("  because  smoke test /greeting"), "{said}");
    assert!(said.contains("  undone   Start new version\n"), "{said}");
    let (good, all) = says(&stage, &["status"]).await;
    assert!(good && all.contains("1.0.0: completed") && all.contains("1.2.0-wrong ("), "{all}");
    let (good, one) = says(&stage, &["status", "good"]).await;
    assert!(good && one.starts_with("1.1.0 (good): completed") && !one.contains("1.0.0: completed"), "{one}");
    let (good, said) = says(&stage, &["status", "nobody"]).await;
    assert!(!good && said.contains("there is no release `nobody`"), "{said}");
    let (good, said) = says(&stage, &["release", "../1"]).await;
    assert!(!good && said.contains("`version` has to be"), "{said}");
    stage.users_leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_release_under_way_is_promoted_or_called_off() {
    let mut stage = staged(&[("WATCH__FOR_MS", "60000")]).await;
    for (version, what, status) in [("1.1.0", "promote", "completed"), ("1.2.0", "abort", "rolled back")] {
        let (good, said) = says(&stage, &["release", version, "--id", version, "--no-wait"]).await;
        assert!(good && said.starts_with(&format!("{version}: running")), "{said}");
        stage.until_at(version, "Watch new version").await;
        let (good, said) = says(&stage, &[what]).await;
        assert!(good && said.starts_with(&format!("{version}: ")), "{said}");
        let (_, said) = says(&stage, &["release", version, "--id", version]).await;
        assert!(said.starts_with(&format!("{version}: {status}")), "{said}");
    }
    stage.assert_serves_alone("1.1.0").await;
    for what in ["promote", "abort", "retry"] {
        let (good, said) = says(&stage, &[what]).await;
        assert!(!good && said.contains("no release is under way"), "{said}");
    }
    let (good, said) = says(&stage, &["retry", "1.1.0"]).await;
    assert!(!good && said.contains("is not stuck"), "{said}");
    stage.users_leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_controller_that_is_not_there_is_named() {
    let mut stage = staged_without_users(&[]).await;
    stage.site.kill_controller();
    let (good, said) = says(&stage, &["status"]).await;
    let address = stage.site.operators().to_string();
    assert!(!good && said.contains(&address) && said.contains("is it running?"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_and_the_controller_need_the_token_if_there_is_one() {
    let token = "letters-and-digits-1";
    let settings: Vec<_> = SETTINGS.into_iter().chain([("ACCESS__TOKEN", token)]).collect();
    let site = Site::start(Path::new(PROGRAM), &settings).unwrap();
    let mut release = site.command(&["release", "1.0.0"]);
    let (good, said) = said(tokio::task::spawn_blocking(move || release.output().unwrap()).await.unwrap());
    assert!(good && said.contains("completed"), "{said}");
    for url in [format!("http://{}/releases", site.operators()), format!("http://{}/upstream", site.admin())]
    {
        let refused = reqwest::get(&url).await.unwrap();
        assert_eq!(
            (refused.status().as_u16(), refused.headers()["www-authenticate"].as_bytes()),
            (401, &b"Bearer"[..])
        );
        assert_eq!(refused.headers()["content-type"], "application/problem+json", "{url}");
        let shown = reqwest::Client::new().get(&url).bearer_auth(token).send().await.unwrap();
        assert_eq!(shown.status(), 200, "{url}");
    }
    let mut status = site.command(&["status"]);
    let status = status.env_remove("BLUE_GREEN__ACCESS__TOKEN").output().unwrap();
    assert!(!status.status.success() && String::from_utf8_lossy(&status.stderr).contains("operators' token"));
}

/// What the balancer says to a file of settings, or to a variable.
fn refuses(file: &str, variable: Option<(&str, &str)>) -> String {
    let mut settings = tempfile::Builder::new().suffix(".toml").tempfile().unwrap();
    settings.write_all(file.as_bytes()).unwrap();
    let mut command = Command::new(PROGRAM);
    command.args(["balancer", "--settings"]).arg(settings.path()).envs(variable);
    let (good, said) = said(command.output().unwrap());
    assert!(!good, "settings that are wrong were taken");
    said
}

#[test]
fn settings_that_are_wrong_are_named() {
    let said = refuses("folde = \"data\"", None);
    assert!(said.contains("unknown field `folde`"), "{said}");
    let said = refuses("[watch]\nsample = \"many\"", None);
    assert!(said.contains("watch.sample"), "{said}");
    for (variable, value, why) in [
        ("WATCH__SAMPLE", "0", "`watch.sample` has to be at least 1"),
        ("WATCH__FAILURE_LIMIT", "0", "`watch.failure_limit` has to be at least 1"),
        ("WATCH__SIGNIFICANCE", "0", "`watch.significance` has to be between 0 and 1"),
        ("WATCH__ERRORS", "1.5", "`watch.errors` has to be between 0 and 1"),
        ("WATCH__LATENCY_FACTOR", "0.5", "`watch.latency_factor` has to be at least 1"),
        ("WATCH__FOR_MS", "86400000", "`watch.look_ms` has to be longer"),
        ("BALANCER__ADMIN", "127.0.0.1:8080", "`balancer.admin` has to be another address"),
        ("CONTROLLER__LISTEN", "127.0.0.1:8081", "`controller.listen` has to be another address"),
        ("CONTROLLER__LISTEN", "0.0.0.0:0", "`controller.listen` has to be an address of this machine"),
        ("BALANCER__ADMIN", "0.0.0.0:0", "`balancer.admin` has to be an address of this machine"),
        ("ACCESS__TOKEN", "short", "has to be at least 16 visible ASCII characters"),
        ("BALANCER__KIND", "nginx", "`nginx` has to be `embedded`, or `haproxy:` and the path"),
        ("BALANCER__KIND", "haproxy:", "`haproxy:` has to be `embedded`, or `haproxy:` and the path"),
        ("BALANCER__KIND", "haproxy:/a.sock", "`balancer.kind` is `haproxy:/a.sock`: start HAProxy instead"),
        ("BALANCER__BACKEND", "a;quit", "`balancer.backend` has to be letters, digits and `-_.:`"),
        ("GATE__READY_MS", "0", "`gate.ready_ms` has to be at least 1"),
    ] {
        let said = refuses("", Some((&format!("BLUE_GREEN__{variable}"), value)));
        assert!(said.contains(why), "{said}");
    }
    let said = refuses("[[gate.smoke_tests]]\npath = \"greeting\"", None);
    assert!(said.contains("`gate.smoke_tests` has to have paths that begin with `/`"), "{said}");
    let (good, said) = said_to_no_file();
    assert!(!good && said.contains("no-such-file.toml"), "{said}");
}

fn said_to_no_file() -> (bool, String) {
    said(Command::new(PROGRAM).args(["balancer", "--settings", "no-such-file.toml"]).output().unwrap())
}

#[test]
fn the_demonstration_ends_with_nothing_lost() {
    let (good, said) = said(Command::new(PROGRAM).output().unwrap());
    assert!(good, "{said}");
    assert!(said.contains("0 requests lost, 0 answered by a version that should be gone"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn releases_and_requests_are_counted() {
    let stage = staged_without_users(&[]).await;
    for _ in 0..3 {
        let greeted = reqwest::get(format!("http://{}/greeting", stage.site.users())).await.unwrap();
        assert_eq!(greeted.status(), 200);
    }
    let controller = reqwest::get(format!("http://{}/metrics", stage.site.operators())).await.unwrap();
    let figures = Figures::of(controller).await;
    assert_eq!(
        figures.get(r#"runs_ended_total{end="New version serves",status="completed"}"#),
        1.0,
        "{figures:?}"
    );
    assert_eq!(figures.get(r#"releases{status="running"}"#), 0.0);
    assert_eq!(figures.get(r#"http_requests_total{method="POST",route="/releases",status="202"}"#), 1.0);
    let balancer = reqwest::get(format!("http://{}/metrics", stage.site.admin())).await.unwrap();
    let figures = Figures::of(balancer).await;
    assert_eq!(figures.get(r#"http_requests_total{method="GET",route="",status="200"}"#), 3.0);
    assert_eq!(figures.get(r#"http_request_duration_seconds_count{method="GET",route=""}"#), 3.0);
    let instance = stage.standing().await.live.instance.unwrap();
    let labels = format!("instance=\"{}\"", instance.id);
    assert_eq!(figures.get(&format!("instance_live{{{labels},version=\"1.0.0\"}}")), 1.0, "{figures:?}");
    let answered = format!("instance_requests_total{{{labels},outcome=\"answered\",version=\"1.0.0\"}}");
    assert_eq!(figures.get(&answered), 3.0, "{figures:?}");
}
