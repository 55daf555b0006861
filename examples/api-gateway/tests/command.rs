//! The program, as it is called.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};

const PROGRAM: &str = env!(concat!("CARGO_BIN_EXE_", env!("CARGO_PKG_NAME")));

#[test]
fn it_shows_each_way_that_a_request_can_go() {
    let output = Command::new(PROGRAM).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    for status in ["200 OK", "400 Bad", "401 Una", "404 Not", "405 Met", "429 Too", "503 Ser", "504 Gat"] {
        assert!(said.contains(&format!("\n  {status}")), "no {status}: {said}");
    }
    for word in ["retry-after: ", "\"missing\":{\"reviews\":\"failed\"}", "{\"received\":300000}"] {
        assert!(said.contains(word), "no `{word}`: {said}");
    }
}

const GOOD: &str = "listen = '127.0.0.1:0'\noperators = '127.0.0.1:0'\n[auth]\nissuer = 'a'\naudience = 'b'\njwks = 'http://127.0.0.1:9/keys'\n";

/// What the program says to a file of settings, or to a variable.
fn refuses(file: &str, variable: Option<(&str, &str)>) -> String {
    let mut settings = tempfile::Builder::new().suffix(".toml").tempfile().unwrap();
    settings.write_all(file.as_bytes()).unwrap();
    let mut program = Command::new(PROGRAM);
    let output = program.args(["serve", "--settings"]).arg(settings.path()).envs(variable).output().unwrap();
    assert!(!output.status.success(), "settings that are wrong were taken");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn settings_that_are_wrong_are_named() {
    for (file, variable, said) in [
        ("lisen = '127.0.0.1:0'", None, "unknown field `lisen`"),
        ("[auth]\nleeway_s = 'long'", None, "auth.leeway_s"),
        ("", None, "`auth.issuer` has to name the issuer of tokens"),
        (GOOD, Some(("GATEWAY__AUTH__AUDIENCE", "")), "`auth.audience` has to name"),
        (GOOD, Some(("GATEWAY__AUTH__JWKS", "https://a/keys")), "`auth.jwks` has to be an `http` URL"),
        (GOOD, Some(("GATEWAY__AUTH__STALE_MS", "1")), "`auth.stale_ms` has to be at least"),
        (GOOD, Some(("GATEWAY__RETRY__SHARE", "2")), "`retry.share` has to be from 0 to 1"),
        (GOOD, Some(("GATEWAY__BREAKER__FAILURE_RATE", "2")), "`breaker.failure_rate` is 2"),
        (GOOD, Some(("GATEWAY__AUTH__ALGORITHMS", "ES256, HS256")), "`auth.algorithms` must not hold HS256"),
        (GOOD, Some(("GATEWAY__AUTH__ALGORITHMS", "")), "`auth.algorithms` has to name one"),
        (GOOD, Some(("GATEWAY__TRUSTED_PROXIES", "10.0.0.0/8,proxy")), "trusted_proxies"),
        (GOOD, Some(("GATEWAY__OPERATORS", "[::]:0")), "`operators` has to be an address of this machine"),
        (GOOD, Some(("GATEWAY__BREAKER__OPEN_MS", "0")), "`breaker.open_ms` is zero"),
        (GOOD, Some(("GATEWAY__REQUEST__HEAD_BYTES", "100")), "`request.head_bytes` has to be at least 8192"),
        (GOOD, Some(("GATEWAY__LIMITS__CLIENT__BURST", "0")), "limits.client"),
        (GOOD, Some(("GATEWAY__ROUTES", "no-such-file.toml")), "no-such-file.toml"),
    ] {
        let words = refuses(file, variable);
        assert!(words.contains(said), "{variable:?}: {words}");
    }
    let secret = refuses(&format!("{GOOD}algorithms = ['HS256']\n"), None);
    assert!(secret.contains("`auth.algorithms` must not hold HS256"), "{secret}");
    let unknown = refuses(&format!("{GOOD}algorithms = ['none']\n"), None);
    assert!(unknown.contains("auth.algorithms"), "{unknown}");
}

/// The signal that reads the routes again, and the one that ends it.
#[cfg(unix)]
#[test]
fn it_serves_reloads_and_ends() {
    let folder = tempfile::tempdir().unwrap();
    let (settings, routes) = (folder.path().join("gateway.toml"), folder.path().join("routes.toml"));
    std::fs::write(&settings, format!("routes = '{}'\n{GOOD}", routes.display())).unwrap();
    let table = "[backends.a]\nurl = 'http://127.0.0.1:9'\n[routes.a-route]\npath = '/a'\nbackend = 'a'\npublic = true\n";
    std::fs::write(&routes, table).unwrap();
    let mut program = Command::new(PROGRAM);
    program.args(["serve", "--settings"]).arg(&settings).env("RUST_LOG", "info");
    let mut program = program.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = String::new();
    BufReader::new(program.stdout.take().unwrap()).read_line(&mut said).unwrap();
    assert!(said.starts_with("clients at http://127.0.0.1:"), "{said}");
    let mut log = BufReader::new(program.stderr.take().unwrap()).lines().map(Result::unwrap);
    let id = program.id().to_string();
    let signal = |name: &str| {
        assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
    };
    let address = said.split_once("http://").unwrap().1.split_once(',').unwrap().0;
    let mut client = TcpStream::connect(address).unwrap();
    let request = "GET /a HTTP/1.1\r\nHost: a\r\nUser-Agent: a \"test\"\r\nConnection: close\r\n\r\n";
    client.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).unwrap();
    let length = answer.split_once("\r\n\r\n").unwrap().1.len();
    let line = log.find(|line| line.contains("answered")).unwrap();
    for part in [
        "client=127.0.0.1 method=GET path=\"/a\"",
        "answered status=502 route=\"a-route\" backend=\"a\" ms=",
        &format!(" bytes={length} is_complete=true agent=\"a \\\"test\\\"\""),
    ] {
        assert!(line.contains(part) && !line.contains('\x1b'), "no `{part}`: {line}");
    }
    signal("HUP");
    assert!(log.any(|line| line.contains("the routes were read again")));
    std::fs::write(&routes, "[routes").unwrap();
    signal("HUP");
    assert!(log.any(|line| line.contains("the routes stay as they were")));
    signal("TERM");
    assert!(program.wait().unwrap().success());
}
