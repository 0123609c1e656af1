//! Rows as columns, and columns as the bytes of a Parquet file.

use polars::prelude::*;

use crate::row::{Row, columns, value};

/// Rows in columns, each in the type that [`columns!`] names.
pub(crate) fn frame(rows: &[Row]) -> PolarsResult<DataFrame> {
    macro_rules! build {
        ($($name:ident: $kind:ident),*) => {
            vec![$({
                let values: Vec<Option<value!($kind)>> =
                    rows.iter().map(|row| row.$name.clone()).collect();
                Column::new(stringify!($name).into(), values)
            }),*]
        };
    }
    DataFrame::new_infer_height(columns!(build))
}

/// The same rows back.
#[cfg(test)]
pub(crate) fn rows(frame: &DataFrame) -> PolarsResult<Vec<Row>> {
    macro_rules! get {
        ($column:expr, text) => {
            $column.str()?.iter().map(|v| v.map(str::to_owned)).collect::<Vec<_>>()
        };
        ($column:expr, count) => {
            $column.u64()?.iter().collect::<Vec<_>>()
        };
        ($column:expr, moment) => {
            $column.i64()?.iter().collect::<Vec<_>>()
        };
        ($column:expr, number) => {
            $column.f64()?.iter().collect::<Vec<_>>()
        };
        ($column:expr, flag) => {
            $column.bool()?.iter().collect::<Vec<_>>()
        };
    }
    let mut rows = vec![Row::default(); frame.height()];
    macro_rules! take {
        ($($name:ident: $kind:ident),*) => {
            $(for (row, value) in rows.iter_mut().zip(get!(frame.column(stringify!($name))?, $kind)) {
                row.$name = value;
            })*
        };
    }
    columns!(take);
    Ok(rows)
}

/// The bytes of a file that holds the frame.
pub(crate) fn to_bytes(frame: &mut DataFrame) -> PolarsResult<Vec<u8>> {
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes)
        .with_compression(ParquetCompression::Zstd(None))
        .finish(frame)?;
    Ok(bytes)
}

/// A lazy query over the bytes of a file: the columns of this version, whatever other columns there are.
///
/// # Errors
/// When the bytes are not a Parquet file or lack a column.
pub(crate) fn scan(bytes: Vec<u8>) -> PolarsResult<LazyFrame> {
    macro_rules! names {
        ($($name:ident: $kind:ident),*) => { [$(col(stringify!($name))),*] };
    }
    let source = ScanSources::Buffers([bytes.into()].into());
    // The rows say what the names of directories would; from buffers polars could not derive it.
    let args = ScanArgsParquet { hive_options: HiveOptions::new_disabled(), ..Default::default() };
    let frame = LazyFrame::scan_parquet_sources(source, args)?;
    let mut frame = upgraded(frame)?.select(columns!(names));
    // Now, while it is still known which file lacks a column.
    frame.collect_schema()?;
    Ok(frame)
}

/// Rows of version 1 in the words of version 2: its `cross-runner` had other paths than the runner that made the
/// snapshot, and what is `snapshot_bytes` now was `seed_bytes`.
fn upgraded(mut frame: LazyFrame) -> PolarsResult<LazyFrame> {
    let schema = frame.collect_schema()?;
    if schema.contains("seed_bytes") && !schema.contains("snapshot_bytes") {
        frame = frame.rename(["seed_bytes"], ["snapshot_bytes"], true);
    }
    if !(schema.contains("v") && schema.contains("regime")) {
        return Ok(frame);
    }
    let is_old = col("v").lt(lit(2_u64)).and(col("regime").eq(lit("cross-runner")));
    let regime = when(is_old).then(lit("moved-runner")).otherwise(col("regime"));
    Ok(frame.with_column(regime.alias("regime")))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A value of any column, from a few bits.
    trait Any {
        fn any(bits: u64) -> Self;
    }

    impl Any for String {
        fn any(bits: u64) -> Self {
            ["", "x", "\u{202e}<b>\0", "漢字", "long"][(bits % 5) as usize]
                .repeat(1 + (bits % 7) as usize)
        }
    }

    impl Any for u64 {
        fn any(bits: u64) -> Self {
            if bits.is_multiple_of(3) { Self::MAX - bits % 5 } else { bits }
        }
    }

    impl Any for i64 {
        fn any(bits: u64) -> Self {
            bits as Self
        }
    }

    impl Any for f64 {
        fn any(bits: u64) -> Self {
            bits as Self / 1e9
        }
    }

    impl Any for bool {
        fn any(bits: u64) -> Self {
            bits.is_multiple_of(2)
        }
    }

    fn any_row(seed: u64) -> Row {
        let mut state = seed;
        let mut next = move || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            state >> 11
        };
        macro_rules! make {
            ($($name:ident: $kind:ident),*) => {
                Row { $($name: (!next().is_multiple_of(4)).then(|| <value!($kind)>::any(next())),)* }
            };
        }
        columns!(make)
    }

    proptest! {
        #[test]
        fn rows_come_back_from_bytes_as_they_were(seeds in proptest::collection::vec(any::<u64>(), 0..60)) {
            let before: Vec<Row> = seeds.into_iter().map(any_row).collect();
            let bytes = to_bytes(&mut frame(&before).unwrap()).unwrap();
            let after = scan(bytes).unwrap().collect().unwrap();
            prop_assert_eq!(rows(&after).unwrap(), before);
        }

        #[test]
        fn the_same_rows_are_the_same_bytes(seeds in proptest::collection::vec(any::<u64>(), 0..60)) {
            let before: Vec<Row> = seeds.into_iter().map(any_row).collect();
            let bytes = || to_bytes(&mut frame(&before).unwrap()).unwrap();
            prop_assert_eq!(bytes(), bytes());
        }
    }
}
