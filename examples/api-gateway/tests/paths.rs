//! A protected resource behind a public wildcard: no spelling of its path reaches it without a token.

mod world;

use world::raw::{send, statuses};
use world::{World, problem};

const ROUTES: &str = r#"
[routes.public]
path = "/pub/{*rest}"
methods = ["GET", "POST"]
backend = "one"
public = true

[routes.admin]
path = "/pub/admin"
methods = ["GET", "POST"]
backend = "one"

[routes.profile]
path = "/pub/@me/{id}"
backend = "one"
"#;

/// Spellings that some server reads as a protected path.
const SPELLINGS: &[&str] = &[
    "/pub/admin",
    "/pub/%61dmin",
    "/pub/admi%6e",
    "/pub/%61%64%6D%69%6e",
    "/%70ub/admin",
    "//pub/admin",
    "/pub//admin",
    "/pub/./admin",
    "/pub/x/../admin",
    "/pub/%2e/admin",
    "/pub/x/%2e%2e/admin",
    "/pub/%2e%2e/pub/admin",
    "/pub%2fadmin",
    "/pub/admin/",
    "/pub/admin//",
    "/pub/ADMIN",
    "/Pub/Admin/",
    "/PUB/%41dmin",
    "/pub/admin;x=1",
    "/pub;x/admin",
    "/pub/admin%3bx",
    "/pub/admin\\",
    "/pub\\admin",
    "/pub/admin%00",
    "/pub/admin%2500",
    "/pub/%c1%a1dmin",
    "/pub/@me/7",
    "/pub/%40me/7",
    "/pub/%40ME/7/",
];

#[tokio::test]
async fn no_spelling_of_a_protected_path_is_public() {
    let world = World::with(ROUTES, |_| {}).await;
    for spelling in SPELLINGS {
        for method in ["GET", "POST"] {
            let request = format!("{method} {spelling} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
            let answer = send(world.gateway, &request).await;
            let status = statuses(&answer);
            assert!(matches!(status[..], [400 | 401 | 405]), "{method} {spelling}: {answer}");
        }
    }
    assert_eq!(world.one.count(), 0, "{:?}", world.one.seen());
    assert_eq!(world.get("/pub/other;x=1/%41").send().await.unwrap().status(), 200);
    assert_eq!(world.one.last().uri.path(), "/pub/other;x=1/A", "the backend gets what was matched");
}

#[tokio::test]
async fn case_and_trailing_slashes_can_be_significant() {
    let world = World::with(ROUTES, |_| {}).await;
    let strict = format!("[paths]\ncase_sensitive = true\nstrict_trailing_slash = true\n{ROUTES}");
    assert_eq!(world.reload(&strict).await.status(), 200);
    for path in ["/pub/ADMIN", "/pub/admin/"] {
        assert_eq!(world.get(path).send().await.unwrap().status(), 200, "{path}");
    }
    problem(world.get("/pub/admin").send().await.unwrap(), 401).await;
}

#[tokio::test]
async fn a_table_without_routes_is_refused() {
    let world = World::with(ROUTES, |_| {}).await;
    let detail = problem(world.reload_file("[backends]\n[routes]\n").await, 409).await;
    assert!(detail.contains("`routes` names no route"), "{detail}");
    for (path, said) in
        [("x", "begin with `/`"), ("/a/../x", "`..`"), ("/%61", "write `/a`"), ("/a?x=1", "`?`")]
    {
        let route = format!("[routes.a]\npath = '{path}'\nbackend = 'one'\n");
        let detail = problem(world.reload(&route).await, 409).await;
        assert!(detail.contains("`routes.a.path`") && detail.contains(said), "{path}: {detail}");
    }
}
