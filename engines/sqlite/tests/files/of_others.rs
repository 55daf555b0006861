use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};

use flowgen::Fault;
use flowgen::report::Status;
use flowgen_sqlite::Error;
use rusqlite::Connection;
use tempfile::TempDir;

use crate::shop::{Seller, open, try_open};
use crate::{FOLDER, again, change};

/// What is said of such a file, with its name as `…`.
async fn refused(folder: &TempDir) -> (Error, String) {
    let error = try_open(folder.path(), &Seller::new()).await.unwrap_err();
    let path = folder.path().canonicalize().unwrap().join("runs.db");
    let message = error.to_string().replace(&path.display().to_string(), "…");
    (error, message)
}

#[tokio::test]
async fn a_text_is_no_database() {
    let folder = TempDir::new().unwrap();
    let text = "Dear diary, ".repeat(500);
    fs::write(folder.path().join("runs.db"), &text).unwrap();
    let (_, message) = refused(&folder).await;
    assert_eq!(message, "`…` is not an SQLite file: choose another path for the runs");
    assert_eq!(fs::read_to_string(folder.path().join("runs.db")).unwrap(), text, "it is left alone");
}

#[tokio::test]
async fn a_database_of_another_program_is_left_alone() {
    let folder = TempDir::new().unwrap();
    change(folder.path(), "CREATE TABLE songs (title TEXT)");
    let (_, message) = refused(&folder).await;
    assert_eq!(
        message,
        "`…` belongs to another program (application id 0x00000000): choose another path for the runs"
    );
    change(folder.path(), "PRAGMA application_id = 0x12345678; PRAGMA user_version = 99");
    let (error, _) = refused(&folder).await;
    assert!(matches!(error, Error::OtherApplication { application: 0x1234_5678, .. }), "{error}");
    let connection = Connection::open(folder.path().join("runs.db")).unwrap();
    let tables = "SELECT count(*) FROM sqlite_schema";
    assert_eq!(connection.query_row(tables, (), |row| row.get::<_, u32>(0)).unwrap(), 1);
}

#[tokio::test]
async fn a_newer_file_wants_a_newer_program() {
    let folder = TempDir::new().unwrap();
    drop(open(folder.path(), &Seller::new()).await);
    let ready = open(folder.path(), &Seller::new()).await;
    ready.shutdown(std::time::Duration::from_secs(1)).await;
    change(folder.path(), "PRAGMA user_version = 8");
    let (_, message) = refused(&folder).await;
    assert_eq!(
        message,
        "`…` has version 8, and this program knows versions up to 7: use a newer flowgen-sqlite"
    );
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_named() {
    let error = try_open(Path::new("/nowhere/at/all"), &Seller::new()).await.unwrap_err();
    assert_eq!(error.to_string(), "cannot open `/nowhere/at/all/runs.db`");
    let message = format!("{:#}", Fault::new(error));
    assert_eq!(message, "cannot open `/nowhere/at/all/runs.db`: No such file or directory (os error 2)");
}

/// Version 1 had no table of paths.
#[tokio::test]
async fn an_older_file_is_brought_up_to_date_and_its_runs_go_on() {
    let (folder, seller) = (TempDir::new().unwrap(), Seller::new());
    change(folder.path(), include_str!("version_1.sql"));
    let runs = open(folder.path(), &seller).await;
    seller.open();
    assert_eq!(runs.resume().await.unwrap().runs, 1);
    let path_text = async |id| runs.ended(id).await.unwrap().path_text();
    assert_eq!(path_text("sold").await, "Ordered → Reserve goods → Pay → Sold");
    assert_eq!(path_text("paying").await, "Ordered → Reserve goods → Pay → Sold");
    assert_eq!(seller.begun(), ["paying/n3/1 #2"]);
    let stuck = "Ordered → Reserve goods → Pay (faulted) → Release goods (could not undo `Reserve goods`)";
    assert_eq!(path_text("stuck").await, stuck);
    seller.mend();
    runs.retry("stuck").await.unwrap();
    assert!(runs.outcome("stuck").await.unwrap().is_rolled_back());
    assert_eq!(runs.show("stuck").await.unwrap().summary.status, Status::RolledBack);
    runs.shutdown(std::time::Duration::from_secs(1)).await;
    let version = "PRAGMA user_version";
    let connection = Connection::open(folder.path().join("runs.db")).unwrap();
    assert_eq!(connection.query_row(version, (), |row| row.get::<_, u32>(0)).unwrap(), 7);
    assert_eq!(
        connection.query_row("PRAGMA integrity_check", (), |row| row.get::<_, String>(0)).unwrap(),
        "ok"
    );
}

/// Version 4 had no checksums and no owner, and did not shrink.
#[tokio::test]
async fn rows_of_an_older_file_get_checksums() {
    let (folder, seller) = (TempDir::new().unwrap(), Seller::new());
    change(folder.path(), include_str!("version_4.sql"));
    let runs = open(folder.path(), &seller).await;
    assert!(runs.check().await.unwrap().is_empty());
    seller.open();
    seller.mend();
    assert_eq!(runs.resume().await.unwrap().runs, 1);
    let path_text = async |id| runs.ended(id).await.unwrap().path_text();
    assert_eq!(path_text("sold").await, "Ordered → Reserve goods → Pay → Sold");
    assert_eq!(path_text("paying").await, "Ordered → Reserve goods → Pay → Sold");
    runs.retry("stuck").await.unwrap();
    assert!(runs.outcome("stuck").await.unwrap().is_rolled_back());
    assert!(runs.check().await.unwrap().is_empty());
    runs.shutdown(std::time::Duration::from_secs(1)).await;
    let connection = Connection::open(folder.path().join("runs.db")).unwrap();
    let pragma = |name| connection.pragma_query_value(None, name, |row| row.get::<_, u32>(0)).unwrap();
    assert_eq!((pragma("user_version"), pragma("auto_vacuum")), (7, 2), "2 is incremental");
}

/// Version 6 had other names in its texts: for branches and their states, visits, pending undos, and phases.
#[tokio::test]
async fn runs_with_the_names_of_an_older_file_continue() {
    let (folder, seller) = (TempDir::new().unwrap(), Seller::new());
    change(folder.path(), include_str!("version_6.sql"));
    let runs = open(folder.path(), &seller).await;
    assert!(runs.check().await.unwrap().is_empty());
    let path_text = async |id| runs.ended(id).await.unwrap().path_text();
    assert_eq!(path_text("sold").await, "Ordered → Reserve goods → Pay → Sold");
    let stuck = "Ordered → Reserve goods → Pay (faulted) → Release goods (could not undo `Reserve goods`)";
    assert_eq!(
        path_text("waived").await,
        format!("{stuck} → Release goods (`Reserve goods` is not to be undone)")
    );
    assert_eq!(
        path_text("by hand").await,
        format!("{stuck} → Release goods (`Reserve goods` was undone by hand)")
    );
    assert_eq!(
        runs.outcome("abandoned").await.unwrap().to_string(),
        "abandoned; pending undos: `Reserve goods` (n5 is out of order)"
    );
    let undone = "Ordered → Reserve goods → Pay (faulted) → Release goods (undid `Reserve goods`)";
    assert_eq!(path_text("undone").await, undone);
    seller.open();
    seller.mend();
    assert_eq!(runs.resume().await.unwrap().runs, 3);
    assert_eq!(path_text("paying").await, "Ordered → Reserve goods → Pay → Sold");
    assert_eq!(path_text("releasing").await, undone);
    assert_eq!(
        path_text("cancelled").await,
        "Ordered → Reserve goods → Pay (in doubt) → Release goods (undid `Reserve goods`)"
    );
    runs.retry("stuck").await.unwrap();
    assert_eq!(path_text("stuck").await, format!("{stuck} → Release goods (undid `Reserve goods`)"));
    runs.shutdown(std::time::Duration::from_secs(1)).await;
    let connection = Connection::open(folder.path().join("runs.db")).unwrap();
    let old = "SELECT count(*) FROM runs WHERE state LIKE '%places%' OR state LIKE '%told%'";
    let left = connection.query_row(old, (), |row| row.get::<_, u32>(0)).unwrap();
    assert_eq!(left, 5, "runs that have ended stay as they are");
}

/// Opens a file as somebody who may read it and no more.
#[test]
fn reader() {
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else { return };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let error = runtime.block_on(try_open(&folder, &Seller::new())).unwrap_err();
    assert!(matches!(error, Error::ReadOnly { .. }), "{error}");
    println!("said: {error}");
}

#[tokio::test]
async fn a_file_that_may_not_be_written_says_so() {
    let folder = TempDir::new().unwrap();
    let runs = open(folder.path(), &Seller::new()).await;
    runs.shutdown(std::time::Duration::from_secs(1)).await;
    let database = folder.path().join("runs.db");
    // The lock can be taken, the file not be written; then not even the lock.
    for (lock, what) in [(0o666, "file"), (0o444, "lock")] {
        fs::set_permissions(&database, Permissions::from_mode(0o444)).unwrap();
        fs::set_permissions(folder.path().join("runs.db-lock"), Permissions::from_mode(lock)).unwrap();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o555)).unwrap();
        let mut command = again("of_others::reader", folder.path());
        if fs::metadata(folder.path()).unwrap().uid() == 0 {
            // The superuser may write everything, and so is nobody here.
            let program = folder.path().with_extension("program");
            fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
            chown(&program, Some(65_534), None).unwrap();
            command = std::process::Command::new(&program);
            command.args(["--exact", "of_others::reader", "--nocapture"]).env(FOLDER, folder.path());
            command.uid(65_534).gid(65_534);
        }
        let output = command.output().unwrap();
        let stdout = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{what}: {stdout}{}", String::from_utf8_lossy(&output.stderr));
        assert!(
            stdout.contains("is read-only: give this process the right to write it and its folder"),
            "{stdout}"
        );
        let _ = fs::remove_file(folder.path().with_extension("program"));
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    }
}
