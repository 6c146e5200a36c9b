//! Which sounds or images are examples, and of which class: folders, single files, and tables that
//! name files.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::columns::{self, LABEL_COLUMN};
use super::media::{self, Held, Item, MediaKind, refuse_media_options, unfit};
use super::read::lists;
use super::{ExampleOptions, Examples, Labels, classes, stacks};
use crate::error::{DataError, shown};
use crate::read::{Assumption, Sheets, ending, open_texts, read_file};

/// Names that columns of files have, the surest first.
const FILES: [&str; 12] = [
    "file",
    "filename",
    "file_name",
    "path",
    "filepath",
    "file_path",
    "image",
    "image_path",
    "audio",
    "audio_path",
    "sound",
    "fichier",
];

pub(super) type Read = (Examples, Vec<Assumption>);

/// The examples of paths among which are folders, sounds or images, or tables that name such files;
/// nothing if these paths are to be read as something else.
pub(super) fn of_paths(
    paths: &[PathBuf],
    options: &ExampleOptions,
) -> Result<Option<Read>, DataError> {
    let files: Vec<_> = paths.iter().map(|path| (path.as_path(), None)).collect();
    if let Some(read) = stacks::read(&files, options)? {
        return Ok(Some(read));
    }
    let mut told = Vec::new();
    let is_media = |path: &PathBuf| path.is_dir() || MediaKind::of(path).is_some();
    if paths.iter().any(is_media) {
        if let Some(other) = paths.iter().find(|path| !is_media(path)) {
            return Err(not_alone(other));
        }
        if options.file.is_some() {
            let problem = "a column of files was named, and this is no table";
            return Err(unfit(
                &paths[0],
                problem,
                "Give the table, or leave the column out.",
            ));
        }
        let items = listed(paths, options, &mut told)?;
        return Ok(Some((media::read(items, options, &mut told)?, told)));
    }
    let Some(items) = named(paths, options, &mut told)? else {
        return Ok(None);
    };
    // The columns are known now, and none of them is one of texts.
    Ok(Some((media::read(items, options, &mut told)?, told)))
}

/// As [`of_paths`], of files in memory: sounds and images, no tables that name some.
pub(super) fn of_bytes(
    files: &[(&Path, &[u8])],
    options: &ExampleOptions,
) -> Result<Option<Read>, DataError> {
    let in_memory = files.iter().map(|(file, bytes)| (*file, Some(*bytes)));
    if let Some(read) = stacks::read(&in_memory.collect::<Vec<_>>(), options)? {
        return Ok(Some(read));
    }
    let is_media = |file: &Path| MediaKind::of(file).is_some();
    if let Some((file, _)) = files.iter().find(|_| options.file.is_some()) {
        let problem = "a column of files was named, and a table in memory has no files beside it";
        return Err(unfit(
            file,
            problem,
            "Give the sounds or images themselves.",
        ));
    }
    if !files.iter().any(|(file, _)| is_media(file)) {
        return Ok(None);
    }
    if let Some((other, _)) = files.iter().find(|(file, _)| !is_media(file)) {
        return Err(not_alone(other));
    }
    let items = files.iter().map(|(file, bytes)| {
        let mut item = single(file, options)?;
        item.held = Held::InMemory(bytes);
        Ok(item)
    });
    let items = items.collect::<Result<Vec<_>, _>>()?;
    let mut told = Vec::new();
    Ok(Some((media::read(items, options, &mut told)?, told)))
}

fn not_alone(file: &Path) -> DataError {
    unfit(
        file,
        "beside it are sounds, images or folders, and it is none of them",
        "Give sounds, images and folders alone, or tables alone.",
    )
}

/// A file given by itself.
fn single<'a>(file: &Path, options: &ExampleOptions) -> Result<Item<'a>, DataError> {
    let label = match &options.label {
        Labels::Inferred | Labels::Absent => None,
        Labels::FromFolder => Some(folder_of(file)?),
        Labels::Column(column) => return Err(no_columns(file, column)),
        Labels::Several { .. } => return Err(no_cells(file)),
    };
    Ok(Item {
        file: file.to_owned(),
        held: Held::OnDisk,
        id: file
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned(),
        label,
    })
}

/// The name of the folder that a file stands in.
fn folder_of(file: &Path) -> Result<String, DataError> {
    let folder = file.parent().and_then(Path::file_name);
    folder
        .map(|name| name.to_string_lossy().into_owned())
        .ok_or_else(|| {
            unfit(
                file,
                "its path has no folder that could name its class",
                "Give the path with its folder, such as `cat/1.wav`.",
            )
        })
}

fn no_columns(file: &Path, column: &crate::table::ColumnRef) -> DataError {
    unfit(
        file,
        format!("the column {column} was named as that of the classes, and this is no table"),
        "Take the classes from the names of folders, or give a table that names the files.",
    )
}

fn no_cells(file: &Path) -> DataError {
    unfit(
        file,
        "several classes are named in a cell, and it is no table",
        "Give the table that names the files with their classes.",
    )
}

/// What a folder holds, in the order of the names, without what is hidden.
struct Folder {
    folders: Vec<PathBuf>,
    files: Vec<PathBuf>,
}

fn list(folder: &Path) -> Result<Folder, DataError> {
    let unreadable = |source| DataError::Unreadable {
        file: folder.to_owned(),
        source,
    };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = entry.file_name();
        // macOS puts `__MACOSX` into archives.
        if !name.as_encoded_bytes().starts_with(b".") && name != "__MACOSX" {
            paths.push(entry.path());
        }
    }
    paths.sort();
    let (folders, files) = paths.into_iter().partition(|path| path.is_dir());
    Ok(Folder { folders, files })
}

/// What was met in folders and is no example.
#[derive(Default)]
struct LeftOut {
    /// Files by their endings.
    foreign: BTreeMap<String, usize>,
    /// How many of them hold several images.
    stacks: usize,
    empty: Vec<String>,
    /// Folders in folders of classes.
    deeper: usize,
    /// Sounds and images beside the folders of classes.
    unlabelled: usize,
}

impl LeftOut {
    fn tell(self, told: &mut Vec<Assumption>) {
        let mut tell = |found: String| told.push(Assumption::new("left out", found));
        if !self.foreign.is_empty() {
            let count: usize = self.foreign.values().sum();
            let endings = self
                .foreign
                .iter()
                .map(|(ending, count)| format!("{count} {ending}"));
            let endings: Vec<String> = endings.collect();
            tell(format!(
                "{count} files that are neither sounds nor images ({})",
                shown(&endings.join(", "))
            ));
        }
        if self.deeper > 0 {
            tell(format!(
                "{} folders inside the folders of classes",
                self.deeper
            ));
        }
        if self.unlabelled > 0 {
            tell(format!(
                "{} files beside the folders of classes",
                self.unlabelled
            ));
        }
        if !self.empty.is_empty() {
            let names = crate::table::listed(&self.empty);
            tell(format!("classes without a sound or an image: {names}"));
        }
    }

    /// The files that are examples.
    fn kept(&mut self, files: Vec<PathBuf>) -> Vec<PathBuf> {
        let (kept, foreign): (Vec<_>, Vec<_>) =
            files.into_iter().partition(|file| MediaKind::is_one(file));
        for file in foreign {
            self.stacks += usize::from(MediaKind::of(&file).is_some());
            let ending = match ending(&file).as_str() {
                "" => "without ending".to_owned(),
                ending => format!(".{ending}"),
            };
            *self.foreign.entry(ending).or_default() += 1;
        }
        kept
    }
}

fn listed<'a>(
    paths: &[PathBuf],
    options: &ExampleOptions,
    told: &mut Vec<Assumption>,
) -> Result<Vec<Item<'a>>, DataError> {
    let mut folders = Vec::with_capacity(paths.len());
    for path in paths {
        folders.push(match path.is_dir() {
            true => Some(list(path)?),
            false => None,
        });
    }
    match (paths.first(), &options.label) {
        (Some(path), Labels::Column(column)) => return Err(no_columns(path, column)),
        (Some(path), Labels::Several { .. }) => return Err(no_cells(path)),
        _ => {}
    }
    let has_classes = |folder: &Option<Folder>| {
        folder
            .as_ref()
            .is_some_and(|folder| !folder.folders.is_empty())
    };
    let from_folder = match options.label {
        Labels::Inferred => folders.iter().all(has_classes),
        Labels::FromFolder => true,
        _ => false,
    };
    let (mut items, mut left_out) = (Vec::new(), LeftOut::default());
    for (path, folder) in paths.iter().zip(folders) {
        let Some(folder) = folder else {
            items.push(single(path, options)?);
            continue;
        };
        if from_folder && folder.folders.is_empty() {
            return Err(unfit(
                path,
                "it has no sub-folders: expected one for each class",
                "Put the files of each class into a folder of its name, and give the folder of these.",
            ));
        }
        let before = items.len();
        let own = left_out.kept(folder.files);
        if from_folder {
            left_out.unlabelled += own.len();
        } else {
            items.extend(own.into_iter().map(|file| item(path, file, None)));
        }
        let mut deepest = 0;
        for class in folder.folders {
            let inside = list(&class)?;
            deepest += inside.folders.len();
            let kept = left_out.kept(inside.files);
            let name = class
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            if kept.is_empty() && from_folder {
                left_out.empty.push(name.clone());
            }
            let label = from_folder.then_some(name);
            items.extend(kept.into_iter().map(|file| item(path, file, label.clone())));
        }
        left_out.deeper += deepest;
        if items.len() == before {
            let problem = "no sound (.wav, .flac) and no image (.png, .jpg, .jpeg, .gif) was found";
            let advice = match deepest {
                _ if left_out.stacks > 0 => {
                    "Give its files of several images (IDX, CIFAR) themselves, apart those to test with."
                }
                0 => "Check the path.",
                _ => "Its folders hold folders: give the one whose sub-folders are the classes.",
            };
            return Err(unfit(path, problem, advice));
        }
    }
    if from_folder && options.label == Labels::Inferred {
        told.push(Assumption::new("classes", "the names of the sub-folders"));
    }
    left_out.tell(told);
    Ok(items)
}

fn item<'a>(folder: &Path, file: PathBuf, label: Option<String>) -> Item<'a> {
    let inside = file.strip_prefix(folder).unwrap_or(&file);
    let parts = inside.iter().map(|part| part.to_string_lossy());
    let id = parts.collect::<Vec<_>>().join("/");
    Item {
        file,
        held: Held::OnDisk,
        id,
        label,
    }
}

/// The files that tables name; nothing if the tables are no lists of files.
fn named<'a>(
    paths: &[PathBuf],
    options: &ExampleOptions,
    told: &mut Vec<Assumption>,
) -> Result<Option<Vec<Item<'a>>>, DataError> {
    if options.file.is_none() {
        let others = options.text.is_some()
            || options.sequence.is_some()
            || options.time.is_some()
            || options.dims.is_some();
        let Some(first) = paths.first().filter(|_| !others) else {
            return Ok(None);
        };
        if !begins_like_a_list(first) {
            return Ok(None);
        }
    }
    let bytes: Vec<Vec<u8>> = paths
        .iter()
        .map(|path| read_file(path))
        .collect::<Result<_, _>>()?;
    let files = paths.iter().zip(bytes);
    let mut said = Vec::new();
    let header = options.header;
    let is_column = |name: &str| columns::is_of_labels(name, options);
    let lists = lists(options, &is_column);
    let sheets = Sheets::open(
        files.map(|(path, bytes)| Ok((path.as_path(), Cow::Owned(bytes)))),
        |name, bytes, told| open_texts(name, bytes, header, &is_known, lists, told),
        &mut said,
    )?;
    for sheet in sheets.all() {
        sheet.require_even()?;
    }
    let column = match &options.file {
        Some(column) => column.find(sheets.names(), &sheets.first().file)?,
        None => match inferred(&sheets) {
            Some(column) => {
                said.push(Assumption::new(
                    "file column",
                    shown(&sheets.names()[column]),
                ));
                column
            }
            None => return Ok(None),
        },
    };
    told.append(&mut said);
    let labels = labels(&sheets, column, options, told)?;
    let mut items = Vec::with_capacity(sheets.rows());
    for row in 0..sheets.rows() {
        let (sheet, own) = sheets.locate(row);
        let id = sheet.text(own, column).into_owned();
        if !MediaKind::is_one(Path::new(&id)) {
            return Err(DataError::Unexpected {
                file: sheet.file.clone(),
                place: sheet.place(own),
                expected: "the name of a sound (.wav, .flac) or an image (.png, .jpg, .jpeg, .gif)"
                    .into(),
                found: format!("`{}`", shown(&id)).into(),
                advice: "Correct the cell, or name another column of files.",
            });
        }
        let file = sheet.file.parent().unwrap_or(Path::new("")).join(&id);
        let label = match (&options.label, &labels) {
            (Labels::FromFolder, _) => Some(folder_of(&file)?),
            (_, labels) => labels.as_ref().and_then(|labels| labels.get(row).cloned()),
        };
        items.push(Item {
            file,
            held: Held::OnDisk,
            id,
            label,
        });
    }
    Ok(Some(items))
}

fn is_known(name: &str) -> bool {
    FILES.contains(&columns::folded(name).as_str()) || columns::is_known(name)
}

/// Whether a file may be a table with a column of files: by its first bytes, so that large tables of something
/// else are not read twice.
fn begins_like_a_list(file: &Path) -> bool {
    use std::io::Read as _;
    let mut head = Vec::new();
    let opened = std::fs::File::open(file).and_then(|file| file.take(4_096).read_to_end(&mut head));
    if opened.is_err() {
        // The reader of tables says what is wrong.
        return false;
    }
    let head = String::from_utf8_lossy(&head);
    let first = head.lines().next().unwrap_or_default();
    let mut names = first
        .trim_start_matches('\u{feff}')
        .split([',', ';', '\t', '{', ':']);
    names.any(|name| FILES.contains(&columns::folded(name.trim().trim_matches('"')).as_str()))
}

/// The column of a known name in which every cell names a sound or an image, unless there are longer
/// texts beside it: then these are the examples, such as captions of photographs.
fn inferred(sheets: &Sheets) -> Option<usize> {
    let names: Vec<String> = sheets.names().iter().map(|n| columns::folded(n)).collect();
    let rows = || 0..sheets.rows();
    let is_file = |row, column| MediaKind::is_one(Path::new(&*sheets.text(row, column)));
    let length = |column| -> usize { rows().map(|row| sheets.text(row, column).len()).sum() };
    let mut known = FILES
        .iter()
        .filter_map(|known| names.iter().position(|name| name == known));
    let column = known.find(|column| rows().all(|row| is_file(row, *column)))?;
    let own = length(column);
    let is_longest = (0..names.len()).all(|other| length(other) <= own);
    (is_longest && sheets.rows() > 0).then_some(column)
}

fn labels(
    sheets: &Sheets,
    file: usize,
    options: &ExampleOptions,
    told: &mut Vec<Assumption>,
) -> Result<Option<Vec<String>>, DataError> {
    let label = match columns::labels_by_name(sheets, options, Some(file), told)? {
        None if options.label.is_looked_for() => {
            let found = columns::repeating(sheets, file);
            let name = found.map_or_else(
                || "none: no column has values that repeat".to_owned(),
                |column| shown(&sheets.names()[column]),
            );
            told.push(Assumption::new(LABEL_COLUMN, name));
            found
        }
        label => label,
    };
    match label {
        None => Ok(None),
        Some(column) => classes::labels(sheets, column, 0..sheets.rows(), &options.label, told),
    }
}

/// Refuses what only sounds, images and their tables have.
pub(super) fn refuse_options(file: &Path, options: &ExampleOptions) -> Result<(), DataError> {
    if options.label == Labels::FromFolder {
        return Err(unfit(
            file,
            "classes were to come from the names of folders, and this is a file of examples",
            "Name the column of the classes, or give folders of sounds or images.",
        ));
    }
    refuse_media_options(file, options)
}
