//! Who may act as an operator.

mod served;

use std::process::Command;

use reqwest::{Client, RequestBuilder};
use saga::service::access::{Access, AccessError, Token};
use saga::settings::Settings;
use serde_json::Value;
use served::{Served, served, served_changed};

const TOKEN: &str = "0123456789012345";

async fn guarded() -> Served {
    let token = Some(Token::from(TOKEN.to_owned()));
    served_changed(|settings| settings.access = Access { token, token_file: None }).await
}

/// The status and the scheme of `WWW-Authenticate`.
async fn asked(request: RequestBuilder) -> (u16, Option<String>) {
    let answer = request.send().await.unwrap();
    let scheme = answer.headers().get("www-authenticate").map(|scheme| scheme.to_str().unwrap().to_owned());
    let status = answer.status().as_u16();
    if matches!(status, 401 | 403) {
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
        let problem: Value = answer.json().await.unwrap();
        assert!(problem["detail"].as_str().unwrap().contains("token"), "{problem}");
    }
    (status, scheme)
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_need_the_token() {
    let service = guarded().await;
    let retry = || service.client.post(service.operators("/orders/order-1/retry"));
    let refused = (401, Some("Bearer".to_owned()));
    assert_eq!(asked(retry()).await, refused);
    for wrong in
        ["Bearer", "Bearer ", "Bearer 012345678901234", "Bearer 0123456789012346", "Basic abc", TOKEN]
    {
        assert_eq!(asked(retry().header("authorization", wrong)).await, refused, "{wrong}");
    }
    assert_eq!(asked(retry().header("authorization", format!("Bearer {TOKEN}6"))).await, refused);
    assert_eq!(asked(retry().bearer_auth(TOKEN)).await, (404, None));
    assert_eq!(asked(retry().header("authorization", format!("bearer {TOKEN}"))).await, (404, None));
    assert_eq!(asked(service.client.get(service.operators("/live"))).await, (200, None));
    assert_eq!(service.place("order-1", 1, "Oslo").await.status(), 202, "customers need none");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_web_pages_are_no_operators() {
    let service = served().await;
    let retry = || service.client.post(service.operators("/orders/order-1/retry"));
    assert_eq!(asked(retry()).await, (404, None));
    assert_eq!(asked(retry().header("origin", "https://example.com")).await, (403, None));
}

#[test]
fn a_token_comes_from_a_file_and_is_not_shown() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    let access = Access { token: None, token_file: Some(file.clone()) };
    assert!(matches!(access.token(), Err(AccessError::Unreadable(..))));
    std::fs::write(&file, format!("{TOKEN}\n")).unwrap();
    let token = access.token().unwrap().unwrap();
    assert_eq!((token.secret(), format!("{token:?}").as_str()), (TOKEN, "Token(…)"));
    for weak in ["", "012345678901234", "0123456789 012345", "0123456789ä012345"] {
        std::fs::write(&file, weak).unwrap();
        assert!(matches!(access.token(), Err(AccessError::Weak)), "{weak}");
    }
}

/// What the service logs and says when these variables keep it from starting.
fn says(variables: &[(&str, &str)]) -> String {
    let mut service = Command::new(env!(concat!("CARGO_BIN_EXE_", env!("CARGO_PKG_NAME"))));
    let folder = tempfile::tempdir().unwrap();
    service.env("SHOP__FOLDER", folder.path()).env("SHOP__LISTEN", "127.0.0.1:0").arg("serve");
    let output = service.envs(variables.iter().copied()).output().unwrap();
    assert!(!output.status.success());
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn without_a_token_operators_are_on_this_machine() {
    let said = says(&[("SHOP__OPERATORS", "0.0.0.0:0")]);
    assert!(said.contains("the setting `operators` has to be an address of this machine"), "{said}");
    let said = says(&[("SHOP__ACCESS__TOKEN", "short")]);
    assert!(said.contains("has to be at least 16 visible ASCII characters"), "{said}");
    let both = [("SHOP__ACCESS__TOKEN", TOKEN), ("SHOP__ACCESS__TOKEN_FILE", "token")];
    assert!(says(&both).contains("`access.token` must not be set beside `access.token_file`"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_digits_in_a_variable_is_text() {
    let folder = tempfile::tempdir().unwrap();
    let (out, log) = (folder.path().join("out"), folder.path().join("log"));
    let mut service = Command::new(env!(concat!("CARGO_BIN_EXE_", env!("CARGO_PKG_NAME"))))
        .arg("serve")
        .env("SHOP__FOLDER", folder.path())
        .env("SHOP__LISTEN", "127.0.0.1:0")
        .env("SHOP__OPERATORS", "0.0.0.0:0")
        .env("SHOP__ACCESS__TOKEN", TOKEN)
        .env("SHOP__SHOP__DESTINATIONS", "Oslo, Rome")
        .env("RUST_LOG", "debug")
        .stdout(std::fs::File::create(&out).unwrap())
        .stderr(std::fs::File::create(&log).unwrap())
        .spawn()
        .unwrap();
    let port = loop {
        let line = std::fs::read_to_string(&out).unwrap();
        match line.trim_end().rsplit_once(':') {
            Some((_, port)) if line.ends_with('\n') => break port.to_owned(),
            _ => tokio::time::sleep(std::time::Duration::from_millis(10)).await,
        }
    };
    let retry = || Client::new().post(format!("http://127.0.0.1:{port}/orders/order-1/retry"));
    let answers = (asked(retry().bearer_auth(TOKEN)).await.0, asked(retry()).await.0);
    service.kill().unwrap();
    service.wait().unwrap();
    assert_eq!(answers, (404, 401));
    let log = std::fs::read_to_string(log).unwrap();
    assert!(log.contains("request") && !log.contains('\x1b'), "a log in a file has no color codes: {log}");
    assert!(!log.contains(TOKEN), "{log}");
}

#[test]
fn the_default_is_this_machine() {
    let Settings { operators, access, .. } = Settings::default();
    assert!(operators.ip().is_loopback() && access.token().unwrap().is_none());
}
