//! What tells one content of a package from another: SHA-256, in hexadecimal digits.

use sha2::{Digest as _, Sha256};

use crate::package::Package;

impl Package {
    /// Of the template file. A template of another hash is another version of the product.
    #[must_use]
    pub fn template_hash(&self) -> String {
        hex(Sha256::new_with_prefix(self.template.text.as_bytes()))
    }

    /// Of the instances' files; none without files.
    #[must_use]
    pub fn files_hash(&self) -> Option<String> {
        let files = self
            .files
            .iter()
            .map(|file| (file.name.as_str(), file.content.as_slice()));
        (!self.files.is_empty()).then(|| of_files(files))
    }

    /// Of everything in the package.
    #[must_use]
    pub fn content_hash(&self) -> String {
        let texts = [
            ("manifest", &self.manifest.text),
            ("template", &self.template.text),
            ("launch", &self.launch.text),
            ("terminate", &self.terminate.text),
        ];
        let files_hash = self.files_hash();
        let files = files_hash.iter().map(|hash| ("files", hash.as_bytes()));
        let texts = texts.into_iter().map(|(name, text)| (name, text.as_bytes()));
        of_files(texts.chain(files))
    }
}

/// Names end with a zero byte and contents begin with their length, so that no two lists have the same bytes.
fn of_files<'a>(files: impl Iterator<Item = (&'a str, &'a [u8])>) -> String {
    let mut hash = Sha256::new();
    for (name, content) in files {
        hash.update(name);
        hash.update([0]);
        hash.update(content.len().to_string());
        hash.update([0]);
        hash.update(content);
    }
    hex(hash)
}

fn hex(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
