use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::Duration;

use flowgen_sqlite::Error;
use tempfile::TempDir;

use crate::shop::{Order, Seller, open, try_open};
use crate::{FOLDER, again};

/// Has the file, until it is killed.
#[test]
fn holder() {
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else { return };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let runs = open(&folder, &Seller::new()).await;
        let _ = runs.start("a", Order::waiting(&["n3"])).await.unwrap();
        println!("it has the file");
        tokio::time::sleep(Duration::from_secs(60)).await;
    });
}

/// A process that has the file.
fn held(folder: &TempDir) -> Child {
    let mut process = again("in_use::holder", folder.path()).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().ends_with("it has the file")));
    process
}

#[tokio::test]
async fn the_second_process_is_told_who_has_it() {
    let (folder, seller) = (TempDir::new().unwrap(), Seller::new());
    let mut process = held(&folder);
    let message = try_open(folder.path(), &seller).await.unwrap_err().to_string();
    let path = folder.path().canonicalize().unwrap().join("runs.db");
    let expected = format!("`{}` is in use by process {} since ", path.display(), process.id());
    assert!(message.starts_with(&expected), "{message}");
    assert!(message.ends_with("Z: one process at a time drives its runs"), "{message}");
    process.kill().unwrap();
    process.wait().unwrap();
    let runs = try_open(folder.path(), &seller).await.expect("who is dead has nothing");
    seller.open();
    assert_eq!(runs.resume().await.unwrap().runs, 1);
    assert!(runs.outcome("a").await.unwrap().is_completed());
}

#[tokio::test]
async fn nor_does_the_same_process_open_it_twice() {
    let (folder, seller) = (TempDir::new().unwrap(), Seller::new());
    let runs = open(folder.path(), &seller).await;
    let error = try_open(folder.path(), &seller).await.unwrap_err();
    assert!(matches!(error, Error::Locked { .. }), "{error}");
    runs.shutdown(Duration::from_secs(1)).await;
    try_open(folder.path(), &seller).await.unwrap();
}
