//! A confinement that cannot be set up.

use bench::system::exec::{Confinement, RealExecutor, SetupError};

use crate::support::Bed;

isolated_tests! {
    fn a_root_that_is_not_there_or_no_directory_is_an_error_that_names_it() {
        let bed = Bed::new();
        std::fs::write(bed.file("file"), "").unwrap();
        for name in ["nowhere", "file"] {
            let root = bed.file(name);
            let error = RealExecutor::new(Confinement::WriteWithin(vec![root.clone()])).unwrap_err();
            assert!(matches!(error, SetupError::Confine(_)), "{error:?}");
            assert!(error.to_string().contains(&root.display().to_string()), "{error}");
        }
    }
}
