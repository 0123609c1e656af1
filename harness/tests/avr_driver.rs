//! The text tools of the driver that turns sketches into hex files: they need no cross compiler.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn driver(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios/avr-driver").join(file)
}

fn text(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

const SKETCH: &str = r#"/* { unbalanced */ char brace = '{'; const char *s = "}{\"";
int table[] = { 1, 2 };
#ifdef NEVER
Unknown never(Unknown u) { return u; }
#endif
template <class T> T twice(T t) { return t + t; }
void setup() { if (later(1)) { helper(); } }
static unsigned long later(int n) { return n; }
void given(int n = 3) {}
bool multi(int a,
           int b)
{ return a < b; }
"#;

#[test]
fn functions_are_declared_before_the_first_one_and_lines_stay_those_of_the_sketch() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("T.ino"), SKETCH).unwrap();
    fs::write(dir.path().join("more.ino"), "void helper() {}\n").unwrap();
    let mut awk = Command::new("awk");
    awk.current_dir(dir.path()).arg("-f").arg(driver("prototypes.awk")).args(["T.ino", "more.ino"]);
    let cpp = text(&awk.output().unwrap());
    let declared = "#ifdef NEVER\nUnknown never(Unknown u);\n#endif\nvoid setup();\n\
        static unsigned long later(int n);\nbool multi(int a, int b);\nvoid helper();\n\
        #line 7 \"T.ino\"\nvoid setup() {";
    assert!(cpp.starts_with("#include <Arduino.h>\n#line 1 \"T.ino\"\n/* {"), "{cpp}");
    assert!(cpp.contains(declared), "{cpp}");
    assert!(cpp.ends_with("#line 1 \"more.ino\"\nvoid helper() {}\n"), "{cpp}");
}

#[test]
fn libraries_are_found_through_each_other_and_named_by_their_properties() {
    let dir = tempfile::tempdir().unwrap();
    let write = |path: &str, content: &str| {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    };
    write("ws1/library.properties", "name=Lights\nversion=1\n");
    write("ws1/src/Lights.h", "#include <Bus.h>\n");
    write("libraries/Bus/Bus.h", "#  include \"utility/wire.h\"\n");
    write("libraries/Unused/src/Unused.h", "");
    write("sketch/sketch.ino", "#include <Lights.h>\n#include <Missing.h>\n");
    let run = |arguments: &[&str]| {
        let mut sh = Command::new("sh");
        sh.current_dir(dir.path()).arg(driver("libraries.sh")).args(arguments).output().unwrap()
    };
    let found = text(&run(&["sketch", "ws1", "libraries"]));
    assert_eq!(found, "Lights:ws1/src\nBus:libraries/Bus\n");
    let refused = run(&["sketch", "nowhere"]);
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("`nowhere` is not a directory"));
}

#[test]
fn a_program_that_does_not_fit_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let fits = |flash: &str| {
        let sizes = dir.path().join("sizes");
        fs::write(&sizes, ".text 900 0\n.data 100 0\n.bss 50 0\n").unwrap();
        let mut awk = Command::new("awk");
        awk.args(["-v", "name=T", "-v", flash, "-v", "ram=150", "-f"]);
        awk.arg(driver("fits.awk")).arg(sizes).output().unwrap()
    };
    assert_eq!(
        text(&fits("flash=1000")),
        "T: 1000 of 1000 bytes of flash, 150 of 150 bytes of RAM\n"
    );
    let refused = fits("flash=999");
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("`T` needs 1000 bytes of flash"));
}
