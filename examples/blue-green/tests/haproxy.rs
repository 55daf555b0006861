//! Releases behind HAProxy, with the sample configuration: a real process of the system's package. Without it, these
//! tests say that they skip.

mod killed;
mod proxy;
mod stage;
mod wrapped;

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use flowgen::Node as _;
use flowgen::report::Status;
use proxy::{CONFIGURATION, Proxy, Version, drained, instance, to};
use stage::{LONG, PROGRAM};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixListener;

use blue_green::Colour;
use blue_green::balancer::{Assignment, BalancerError, HaProxy, LoadBalancer as _, Tally};
use blue_green::drawing::Node;
use blue_green::load::{Load, Users};
use blue_green::settings::Settings;
use blue_green::words::Wait;

#[tokio::test(flavor = "multi_thread")]
async fn switches_lose_no_request_and_no_old_version_answers_after_one() {
    let Some(proxy) = Proxy::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let client = proxy.client(folder.path());
    let versions =
        [Version::start("1.0.0", Colour::Blue).await, Version::start("1.1.0", Colour::Green).await];
    client.switch(&to(1, &versions[0].instance)).await.unwrap();
    let users = Users { at_once: 16, pause: Duration::ZERO, ..Users::default() };
    let load = Load::start(proxy.users, users);
    for generation in 2..100 {
        let new = &versions[usize::from(generation % 2 == 0)];
        let old = &versions[usize::from(generation % 2 == 1)];
        new.generation.store(generation, Ordering::SeqCst);
        let standing = client.switch(&to(generation, &new.instance)).await.unwrap();
        assert!(standing.is_live(&new.instance) && !standing.is_live(&old.instance));
        drained(&client, &old.instance).await;
    }
    let seen = load.stop().await;
    assert!(seen.nothing_was_lost(), "{seen}\n{:?}\n{:?}", seen.lost, seen.stale);
    assert!(seen.of("1.0.0") > 100 && seen.of("1.1.0") > 100 && seen.errors() == 0, "{seen}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_request_ends_with_the_version_that_it_began_with() {
    let Some(proxy) = Proxy::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let client = proxy.client(folder.path());
    let [blue, green] =
        [Version::start("1.0.0", Colour::Blue).await, Version::start("1.1.0", Colour::Green).await];
    client.switch(&to(1, &blue.instance)).await.unwrap();
    let slow = tokio::spawn(reqwest::get(format!("http://{}/slow", proxy.users)));
    let began = Instant::now();
    while client.standing().await.unwrap().in_flight(&blue.instance) == 0 {
        assert!(began.elapsed() < LONG && !slow.is_finished(), "it is not in flight");
    }
    let standing = client.switch(&to(2, &green.instance)).await.unwrap();
    assert_eq!(proxy.get("/greeting").await.unwrap().headers()["x-version"], "1.1.0");
    let is_drained = standing.in_flight(&blue.instance) == 0;
    let answer = slow.await.unwrap().unwrap();
    assert_eq!(
        (answer.status(), &answer.headers()["x-version"]),
        (StatusCode::OK, &"1.0.0".parse().unwrap())
    );
    assert!(!is_drained, "it counts as drained with a request in flight");
    assert_eq!(drained(&client, &blue.instance).await.requests, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_version_is_live_after_each_command_of_a_switch_and_a_repeated_call_completes_it() {
    let Some(proxy) = Proxy::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let [blue, green] =
        [Version::start("1.0.0", Colour::Blue).await, Version::start("1.1.0", Colour::Green).await];
    let client = proxy.client(folder.path());
    let mut generation = 0;
    for (old, new) in [(&blue, &green), (&green, &blue)] {
        let server = |version: &Version| format!("set server blue-green/{}", version.instance.colour);
        let address = new.instance.address;
        let commands = [
            format!("{} addr {} port {}", server(new), address.ip(), address.port()),
            format!("{} state ready", server(new)),
            format!("{} state maint", server(old)),
        ];
        for executed in 0..=commands.len() {
            // Saved as switched, where HAProxy has executed only these commands.
            client.switch(&to(generation + 1, &old.instance)).await.unwrap();
            client.switch(&to(generation + 2, &new.instance)).await.unwrap();
            generation += 2;
            let back = format!("{} state ready;{} state maint", server(old), server(new));
            proxy.ask(&format!("{back};{} addr 127.0.0.1 port 1", server(new))).await;
            for command in &commands[..executed] {
                proxy.ask(command).await;
            }
            let answering = proxy.answering().await;
            assert_eq!(answering.len(), 1, "after {executed} commands: {answering:?}");
            // The next controller repeats the step, or looks first.
            let next = proxy.client(folder.path());
            let standing = if executed % 2 == 0 {
                next.standing().await.unwrap()
            } else {
                next.switch(&to(generation, &new.instance)).await.unwrap()
            };
            assert!(standing.is_live(&new.instance));
            assert_eq!(proxy.answering().await, [new.instance.version.as_str()]);
        }
    }
    // A switch of a controller that was killed comes too late.
    let late = client.switch(&to(generation - 1, &green.instance)).await.unwrap_err();
    assert!(late.to_string().contains(&format!("is not newer than {generation}, of which 1.0.0")), "{late}");
    client.switch(&Assignment { generation: generation + 1, instance: None }).await.unwrap();
    assert_eq!(proxy.answering().await, ["503 Service Unavailable"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_are_left_as_they_are_until_the_first_release() {
    let Some(proxy) = Proxy::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let version = Version::start("0.9.0", Colour::Blue).await;
    let port = version.instance.address.port();
    let server = "set server blue-green/blue";
    proxy.ask(&format!("{server} addr 127.0.0.1 port {port};{server} state ready")).await;
    let standing = proxy.client(folder.path()).standing().await.unwrap();
    assert_eq!(standing.live, Assignment::default());
    assert_eq!(proxy.answering().await, ["0.9.0"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_are_those_of_the_instance() {
    let Some(mut proxy) = Proxy::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let client = proxy.client(folder.path());
    let version = Version::start("1.0.0", Colour::Blue).await.instance;
    client.switch(&to(1, &version)).await.unwrap();
    let status = async |path| proxy.get(path).await.unwrap().status().as_u16();
    for (path, wanted) in [("/greeting", 200), ("/greeting", 200), ("/missing", 404), ("/failing", 500)] {
        assert_eq!(status(path).await, wanted, "{path}");
    }
    let tally = drained(&client, &version).await;
    let counts = |tally: &Tally| (tally.requests, tally.errors, tally.refused, tally.client_closed);
    assert_eq!(counts(&tally), (4, 1, 1, 0));
    // A response that breaks off, after its status.
    let broken = proxy.get("/broken").await.unwrap();
    assert_eq!(broken.status(), StatusCode::OK);
    broken.bytes().await.unwrap_err();
    let tally = drained(&client, &version).await;
    assert!(tally.errors >= 2 && tally.errors <= 3 && tally.requests <= 6, "{tally:?}");
    // HAProxy lets the version answer a client that has closed the connection.
    let before = tally;
    let hasty = reqwest::Client::builder().timeout(Duration::from_millis(50)).build().unwrap();
    hasty.get(format!("http://{}/slow", proxy.users)).send().await.unwrap_err();
    let tally = drained(&client, &version).await;
    assert_eq!(tally.since(&before).errors, 0, "{tally:?}");
    assert!(tally.mean_ms.is_some_and(|mean| mean > 0), "{tally:?}");
    assert!(tally.times.is_empty(), "{tally:?}");

    // Another instance on the same server begins at 0, and the mean is not its own.
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let gone = instance("1.0.1", Colour::Blue, gone);
    client.switch(&to(2, &gone)).await.unwrap();
    assert_eq!(status("/greeting").await, 503);
    let standing = client.standing().await.unwrap();
    assert!(standing.of(&version).is_none());
    let tally = &standing.of(&gone).unwrap().tally;
    assert_eq!((counts(tally), tally.mean_ms), ((1, 1, 0, 0), None));
    // Another process counts from 0, under another epoch.
    proxy.restart();
    let restarted = drained(&client, &gone).await;
    assert_eq!(counts(&restarted), (0, 0, 0, 0));
    assert!(!restarted.continues(tally));
}

#[tokio::test(flavor = "multi_thread")]
async fn releases_go_on_under_load_and_bad_ones_are_reverted() {
    let Some(proxy) = Proxy::start() else { return };
    let mut stage = proxy.staged(&[]).await.with_users();
    for version in ["1.1.0", "1.2.0"] {
        let view = stage.release(version).await;
        assert_eq!(view.status, Status::Completed, "{view}");
        assert_eq!(view.afterwards, ["completed at `Old version stopped`"], "{view}");
        stage.assert_serves_alone(version).await;
    }
    stage.site.set_settings(&[("WATCH__FOR_MS", "60000")]);
    stage.site.start_controller().unwrap();
    for (version, why) in [
        ("1.3.0-errors", "errors: "),
        ("1.3.1-failing", "errors: 100.0 % of requests"),
        ("1.3.2-missing", "client errors: "),
        ("1.3.3-wrong", "smoke test "),
    ] {
        let view = stage.release(version).await;
        assert_eq!(view.status, Status::RolledBack, "{view}");
        assert!(view.release.objection.as_ref().is_some_and(|said| said.starts_with(why)), "{view}");
        stage.assert_serves_alone("1.2.0").await;
    }
    let seen = stage.users_leave().await;
    assert!(seen.of("1.1.0") > 0 && seen.of("1.3.3-wrong") == 0, "{seen}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_version_is_reverted_by_its_mean_time() {
    let Some(proxy) = Proxy::start() else { return };
    let stage = proxy.staged(&[("WATCH__FOR_MS", "60000"), ("WATCH__LATENCY_SLACK_MS", "200")]).await;
    let mut stage = stage.with_users();
    let view = stage.release("1.1.0-slow").await;
    assert_eq!(view.status, Status::RolledBack, "{view}");
    let why = view.release.objection.as_deref().unwrap();
    assert!(why.starts_with("latency: ") && why.contains(" ms on average, before "), "{view}");
    stage.assert_serves_alone("1.0.0").await;
    stage.users_leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_controller_is_killed_at_a_switch_and_completes_it() {
    let Some(proxy) = Proxy::start() else { return };
    let mut stage = proxy.staged(&[("WATCH__FOR_MS", "1000")]).await.with_users();
    let mut serves = "1.0.0".to_owned();
    for (number, node) in
        [Node::SwitchTraffic, Node::DrainOldVersion, Node::SwitchBack].into_iter().enumerate()
    {
        for how in ["before", "after"] {
            let is_bad = node == Node::SwitchBack;
            let suffix = if is_bad { "-failing" } else { "" };
            let version = format!("1.{}.{}{suffix}", number + 1, how.len());
            killed::at_node(&mut stage, &version, node, how).await;
            let view = stage.through(&version).await;
            let status = if is_bad { Status::RolledBack } else { Status::Completed };
            assert_eq!(view.status, status, "{how} `{}`: {view}", node.spec().label);
            if !is_bad {
                serves = version;
            }
            stage.assert_serves_alone(&serves).await;
        }
    }
    stage.users_leave().await;
}

/// Not a test of its own: the controller that is killed, in a process of its own.
#[tokio::test]
async fn the_controller_that_is_killed() {
    killed::controller().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restarted_haproxy_serves_the_same_version_and_the_watch_goes_on() {
    let Some(mut proxy) = Proxy::start() else { return };
    // The state file is lost in the second round: the controller sets the servers.
    for has_state in [true, false] {
        let mut stage = proxy.staged(&[("WATCH__FOR_MS", "3000")]).await.with_users();
        stage.begin("1.1.0").await;
        stage.until_at("1.1.0", "Watch new version").await;
        stage.until_answered("1.1.0", 100).await;
        let file = proxy.folder.path().join("haproxy.state");
        if has_state {
            stage.site.kill_controller();
            proxy.restart();
            stage.assert_answers("1.1.0").await;
            stage.site.start_controller().unwrap();
        } else {
            proxy.kill();
            std::fs::remove_file(file).unwrap();
            assert!(proxy.run());
        }
        let view = stage.through("1.1.0").await;
        assert_eq!(view.status, Status::Completed, "{view}");
        stage.assert_serves_alone("1.1.0").await;
        if !has_state {
            // Also while no release is in progress.
            proxy.kill();
            std::fs::remove_file(proxy.folder.path().join("haproxy.state")).unwrap();
            assert!(proxy.run());
            let began = Instant::now();
            while proxy.get("/greeting").await.unwrap().status() != StatusCode::OK {
                assert!(began.elapsed() < LONG, "the controller does not set the servers");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_waits_for_haproxy_and_goes_on() {
    let Some(mut proxy) = Proxy::start() else { return };
    let stage = proxy.staged(&[("WATCH__FOR_MS", "2000")]).await.with_users();
    stage.begin("1.1.0").await;
    stage.until_at("1.1.0", "Watch new version").await;
    proxy.kill();
    let began = Instant::now();
    let view = loop {
        let view = stage.controller.show("1.1.0").await.unwrap();
        if matches!(view.waiting, Some(Wait::Balancer(_))) {
            break view;
        }
        assert!(!view.status.is_over() && began.elapsed() < LONG, "it does not wait: {view}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    assert!(view.to_string().contains("waiting  HAProxy at /"), "{view}");
    let (old, new) = (view.release.old.unwrap(), view.release.new.unwrap());
    // Much longer than a step is retried.
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert!(old.process.runs().unwrap() && new.process.runs().unwrap(), "a version that may serve was ended");
    assert!(proxy.run());
    let view = stage.through("1.1.0").await;
    assert_eq!((view.status, &view.waiting), (Status::Completed, &None), "{view}");
    stage.assert_serves_alone("1.1.0").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_version_that_dies_is_started_again_on_its_server() {
    let Some(proxy) = Proxy::start() else { return };
    let stage = proxy.staged(&[]).await;
    let dead = stage.standing().await.live.instance.unwrap();
    dead.process.kill().unwrap();
    let began = Instant::now();
    while !proxy.get("/greeting").await.is_ok_and(|answer| answer.status() == StatusCode::OK) {
        assert!(began.elapsed() < LONG, "it is not started again");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    stage.assert_serves_alone("1.0.0").await;
    assert_ne!(stage.standing().await.live.instance.unwrap().id, dead.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_selects_haproxy_and_a_missing_one_is_logged() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(PROGRAM);
    command.args(["controller", "--balancer", "haproxy:/no/such.sock"]).current_dir(folder.path());
    command.env("BLUE_GREEN__CONTROLLER__LISTEN", "127.0.0.1:0").stdin(Stdio::null());
    let mut process = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let log = BufReader::new(process.stderr.take().unwrap());
    let said = tokio::task::spawn_blocking(|| {
        log.lines().map_while(Result::ok).find(|line| line.contains("the balancer can't be looked at"))
    });
    let said = tokio::time::timeout(LONG, said).await.expect("it logs nothing").unwrap();
    process.kill().unwrap();
    process.wait().unwrap();
    let said = said.expect("it ends");
    assert!(said.contains("HAProxy at /no/such.sock does not answer: there is no such socket"), "{said}");
}

/// What the client says about this HAProxy.
async fn refusal(proxy: &Proxy) -> String {
    let folder = tempfile::tempdir().unwrap();
    refused(proxy.client(folder.path()).standing().await.unwrap_err())
}

fn refused(error: BalancerError) -> String {
    match error {
        BalancerError::Refused(..) => error.to_string(),
        BalancerError::Silent(..) => panic!("{error}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_that_does_not_fit_is_named() {
    for (from, to, why) in [
        ("level admin", "level operator", "its socket has the level `operator`: it needs `stats socket"),
        ("backend blue-green", "backend others", "it has no backend `blue-green`: set `balancer.backend`"),
        ("server green", "server red", "its backend `blue-green` has no server `green`"),
        ("backup disabled", "disabled", "of its backend `blue-green` has to be a `backup`"),
        ("mode http", "mode tcp", "its backend has to be in `mode http`"),
    ] {
        let configuration = CONFIGURATION.replace(from, to);
        assert_ne!(configuration, CONFIGURATION);
        let Some(proxy) = Proxy::start_with(&configuration) else { return };
        let said = refusal(&proxy).await;
        assert!(said.starts_with("HAProxy at /") && said.contains(why), "{said}");
    }
}

#[tokio::test]
async fn a_socket_that_is_missing_or_another_program_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("admin.sock");
    let settings = Settings { folder: folder.path().to_owned(), ..Settings::default() };
    let client = HaProxy::new(socket.clone(), &settings, LONG);
    let silent = client.standing().await.unwrap_err();
    let BalancerError::Silent(name, why) = &silent else { panic!("{silent}") };
    assert!(name.ends_with("admin.sock") && why.to_string().contains("HAProxy is not running"), "{why}");
    // Another program listens there, which answers anything.
    let listener = UnixListener::bind(&socket).unwrap();
    for (answer, why) in [
        ("HTTP/1.1 400 Bad Request\r\n\r\n", "its answer to `show cli level` is unexpected: `HTTP/1.1 400"),
        ("admin\n\nunknown\n\n", "its answer to `show info` is unexpected: `unknown`"),
        ("admin\n\nPid: 1\n\n", "its answer to `show servers state` is unexpected"),
        ("admin\n\nPid: 1\n\n1\n# srv_name\n\nblue,green\n\n", "its answer to `show stat` is unexpected"),
    ] {
        let answering = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut line = [0; 1024];
            let _ = stream.read(&mut line).await.unwrap();
            stream.write_all(answer.as_bytes()).await.unwrap();
        };
        let (standing, ()) = tokio::join!(client.standing(), answering);
        let said = refused(standing.unwrap_err());
        assert!(said.contains(why), "{said}");
    }
    // It never answers.
    let client = HaProxy::new(socket, &settings, Duration::from_millis(100));
    let silent = client.standing().await.unwrap_err();
    assert!(matches!(silent, BalancerError::Silent(..)), "{silent}");
}
