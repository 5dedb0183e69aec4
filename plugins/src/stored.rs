//! The document of a node: params of texts and files, which every host saves.

use std::path::Path;
use std::sync::Arc;

use ofx::param::{Push, Text};
use ofx::{DescribeInContext, Error, Instance, Result};
use shapes::Document;

use crate::documents;

pub const SHAPES_FILE: Text = Text::new(c"shapesFile", c"Shapes file").file().help(
    c"A shapes document (JSON) with the keyed splines, solved or not. Used while the text below is empty; the file \
      itself is never changed.",
);
pub const LOAD_FILE: Push = Push::new(c"loadFile", c"Load file")
    .help(c"Puts the file's document in place of the shapes below. Undo brings them back.");
pub const SHAPES: Text = Text::new(c"shapes", c"Shapes").lines().help(
    c"The document itself. While it is not empty it wins over the file. What buttons find, and what you edit in the \
      viewer, is written here, so that the project holds it.",
);
pub const STATUS: Text =
    Text::new(c"status", c"Status").label().not_persistent().help(c"What was done last.");

/// Defines all but [`STATUS`], which stands beside the buttons whose work it tells.
pub fn define(d: &mut DescribeInContext<'_>) -> Result<()> {
    d.define(&SHAPES_FILE)?;
    d.define(&LOAD_FILE)?;
    d.define(&SHAPES)
}

/// The document of an instance: its text, or else its file.
pub fn document(instance: &Instance) -> Result<Option<Arc<Document>>> {
    let (text, file) = (instance.get(&SHAPES)?, instance.get(&SHAPES_FILE)?);
    documents::from_text_or_file(&text, &file).map_err(Error::failed)
}

/// The document of an instance, or one without shapes.
pub fn document_or_empty(instance: &Instance) -> Result<Arc<Document>> {
    Ok(document(instance)?.unwrap_or_else(|| Arc::new(Document::new(0, 0))))
}

/// The document of an instance that has to have one.
pub fn some_document(instance: &Instance) -> Result<Arc<Document>> {
    document(instance)?.ok_or_else(|| {
        Error::failed("there are no shapes: choose a shapes file, or put a document into Shapes")
    })
}

/// Puts a document into the project.
pub fn store(instance: &Instance, document: &Document, status: &str) -> Result<()> {
    let text = document.to_json().map_err(Error::failed)?;
    instance.set(&SHAPES, &text)?;
    instance.set(&STATUS, status)
}

/// Puts a document that the artist has edited into the project, as one entry of the undo list.
pub fn commit(instance: &Instance, document: &Document, label: &str) -> Result<()> {
    let text = document.to_json().map_err(Error::failed)?;
    instance.edit_block(label, || instance.set(&SHAPES, &text))
}

/// What *Load file* does; gives what it has loaded.
pub fn load(instance: &Instance) -> Result<Arc<Document>> {
    let file = instance.get(&SHAPES_FILE)?;
    if file.trim().is_empty() {
        return Err(Error::failed("choose a shapes file first"));
    }
    let document = documents::from_file(Path::new(file.trim())).map_err(Error::failed)?;
    store(instance, &document, "Loaded the file.")?;
    Ok(document)
}
