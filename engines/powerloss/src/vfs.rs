//! SQLite's own file system for Unix, with a note of each write, sync, truncation and deletion.
//!
//! The only unsafe code. [`install`] copies SQLite's table of functions, and replaces those that open and delete a
//! file. A file that is opened gets a copy of its table of methods, in which those that write, sync, truncate and
//! close it are replaced. All others, shared memory and locks among them, stay SQLite's.

use std::collections::HashMap;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::path::{Path, PathBuf};
use std::ptr;
use std::sync::{Mutex, MutexGuard, Once, OnceLock, PoisonError};

use rusqlite::ffi::{
    SQLITE_ERROR, SQLITE_IGNORE, SQLITE_OK, SQLITE_PRAGMA, sqlite3, sqlite3_api_routines,
    sqlite3_auto_extension, sqlite3_exec, sqlite3_file, sqlite3_filename, sqlite3_int64, sqlite3_io_methods,
    sqlite3_set_authorizer, sqlite3_vfs, sqlite3_vfs_find, sqlite3_vfs_register,
};

use crate::recorder::{Change, is_weakened, recording};

/// Makes it the file system that SQLite uses in this process.
///
/// # Panics
///
/// Where SQLite has no file system of its own.
pub(crate) fn install() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        // SAFETY: a null name finds the default, which lives as long as the process.
        let base = unsafe { sqlite3_vfs_find(ptr::null()) };
        assert!(!base.is_null(), "SQLite has a default file system");
        BASE.get_or_init(|| Shared(base));
        // SAFETY: it is not null, and nothing writes to it.
        let mut vfs = unsafe { *base };
        vfs.zName = c"powerloss".as_ptr();
        vfs.pNext = ptr::null_mut();
        vfs.xOpen = Some(open);
        vfs.xDelete = Some(delete);
        // SAFETY: it is never freed, and the functions that were not replaced use only what was copied.
        let registered = unsafe { sqlite3_vfs_register(Box::leak(Box::new(vfs)), 1) };
        assert_eq!(registered, SQLITE_OK);
        // SAFETY: the function has the signature that SQLite calls.
        let extended = unsafe { sqlite3_auto_extension(Some(set_up)) };
        assert_eq!(extended, SQLITE_OK);
    });
}

/// A pointer to what lives as long as the process and is only read.
struct Shared<T>(*const T);

// SAFETY: see the type.
unsafe impl<T> Send for Shared<T> {}
// SAFETY: see the type.
unsafe impl<T> Sync for Shared<T> {}

static BASE: OnceLock<Shared<sqlite3_vfs>> = OnceLock::new();

fn base() -> *mut sqlite3_vfs {
    BASE.get().map_or(ptr::null_mut(), |base| base.0.cast_mut())
}

/// A file that is open.
struct File {
    path: PathBuf,
    /// SQLite's own methods.
    methods: Shared<sqlite3_io_methods>,
}

/// By the address of SQLite's structure.
fn files() -> MutexGuard<'static, HashMap<usize, File>> {
    static FILES: OnceLock<Mutex<HashMap<usize, File>>> = OnceLock::new();
    FILES.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner)
}

/// A file's name, and SQLite's own methods for it.
fn known(file: *mut sqlite3_file) -> Option<(PathBuf, *const sqlite3_io_methods)> {
    files().get(&file.addr()).map(|file| (file.path.clone(), file.methods.0))
}

unsafe extern "C" fn open(
    _: *mut sqlite3_vfs,
    name: sqlite3_filename,
    file: *mut sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    // SAFETY: `install` has set the base, whose functions take it as their first argument; the others come from SQLite.
    let opened = unsafe {
        match (*base()).xOpen {
            Some(open) => open(base(), name, file, flags, out),
            None => return SQLITE_ERROR,
        }
    };
    if opened != SQLITE_OK || name.is_null() {
        return opened;
    }
    // SAFETY: it was opened, so SQLite has set its methods, which live as long as the process; the name ends with 0.
    let (methods, path) = unsafe { ((*file).pMethods, PathBuf::from(text(name))) };
    if methods.is_null() {
        return opened;
    }
    // SAFETY: as above.
    let mut own = unsafe { *methods };
    own.xWrite = Some(write);
    own.xTruncate = Some(truncate);
    own.xSync = Some(sync);
    own.xClose = Some(close);
    files().insert(file.addr(), File { path, methods: Shared(methods) });
    // SAFETY: SQLite only reads the methods of an open file, and never frees them.
    unsafe { (*file).pMethods = Box::leak(Box::new(own)) };
    opened
}

/// # Safety
///
/// The pointer is to a text that ends with 0.
unsafe fn text(pointer: *const c_char) -> String {
    // SAFETY: see above.
    unsafe { CStr::from_ptr(pointer) }.to_string_lossy().into_owned()
}

unsafe extern "C" fn write(
    file: *mut sqlite3_file,
    bytes: *const c_void,
    count: c_int,
    offset: sqlite3_int64,
) -> c_int {
    let Some((path, methods)) = known(file) else { return SQLITE_ERROR };
    let (Ok(length), Ok(at)) = (usize::try_from(count), usize::try_from(offset)) else { return SQLITE_ERROR };
    // SAFETY: SQLite hands over so many bytes.
    let written = unsafe { std::slice::from_raw_parts(bytes.cast::<u8>(), length) };
    // SAFETY: these are the file's own methods, and the arguments those of SQLite.
    recording(
        &path,
        || Change::Write { offset: at, bytes: written.to_vec() },
        || unsafe { (*methods).xWrite.map_or(SQLITE_ERROR, |write| write(file, bytes, count, offset)) },
    )
}

unsafe extern "C" fn truncate(file: *mut sqlite3_file, size: sqlite3_int64) -> c_int {
    let Some((path, methods)) = known(file) else { return SQLITE_ERROR };
    let Ok(length) = usize::try_from(size) else { return SQLITE_ERROR };
    // SAFETY: these are the file's own methods, and the arguments those of SQLite.
    recording(
        &path,
        || Change::Truncate { length },
        || unsafe { (*methods).xTruncate.map_or(SQLITE_ERROR, |truncate| truncate(file, size)) },
    )
}

unsafe extern "C" fn sync(file: *mut sqlite3_file, flags: c_int) -> c_int {
    let Some((path, methods)) = known(file) else { return SQLITE_ERROR };
    // SAFETY: these are the file's own methods, and the arguments those of SQLite.
    recording(
        &path,
        || Change::Sync,
        || unsafe { (*methods).xSync.map_or(SQLITE_ERROR, |sync| sync(file, flags)) },
    )
}

unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    let Some(File { methods, .. }) = files().remove(&file.addr()) else { return SQLITE_ERROR };
    // SAFETY: these are the file's own methods. SQLite does not use the file after this.
    unsafe { (*methods.0).xClose.map_or(SQLITE_ERROR, |close| close(file)) }
}

unsafe extern "C" fn delete(_: *mut sqlite3_vfs, name: *const c_char, sync_folder: c_int) -> c_int {
    // SAFETY: SQLite hands over a name that ends with 0.
    let path = unsafe { text(name) };
    let change = || Change::Delete { is_synced: sync_folder != 0 };
    // SAFETY: as in `open`.
    recording(Path::new(&path), change, || unsafe {
        (*base()).xDelete.map_or(SQLITE_ERROR, |delete| delete(base(), name, sync_folder))
    })
}

/// Called for each connection that is opened.
unsafe extern "C" fn set_up(
    connection: *mut sqlite3,
    _: *mut *mut c_char,
    _: *const sqlite3_api_routines,
) -> c_int {
    let mut sql = String::from("PRAGMA wal_autocheckpoint = 16;");
    if is_weakened() {
        sql.push_str("PRAGMA synchronous = NORMAL;");
    }
    sql.push('\0');
    // SAFETY: the connection is open, and the text ends with 0.
    unsafe {
        sqlite3_exec(connection, sql.as_ptr().cast(), None, ptr::null_mut(), ptr::null_mut());
        if is_weakened() {
            sqlite3_set_authorizer(connection, Some(ignore_synchronous), ptr::null_mut());
        }
    }
    SQLITE_OK
}

/// Lets a program's own `PRAGMA synchronous` do nothing.
unsafe extern "C" fn ignore_synchronous(
    _: *mut c_void,
    action: c_int,
    pragma: *const c_char,
    _: *const c_char,
    _: *const c_char,
    _: *const c_char,
) -> c_int {
    // SAFETY: for this action SQLite hands over the name of the pragma, which ends with 0.
    let is_synchronous =
        action == SQLITE_PRAGMA && !pragma.is_null() && unsafe { text(pragma) } == "synchronous";
    if is_synchronous { SQLITE_IGNORE } else { SQLITE_OK }
}
