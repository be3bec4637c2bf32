/** What operating systems leave in folders is no photograph of anybody. */
const LITTER = /^(\..*|Thumbs\.db|desktop\.ini)$/i;

function fileOf(entry: FileSystemFileEntry): Promise<File[]> {
  return new Promise((resolve) =>
    entry.file(
      (file) => resolve([file]),
      () => resolve([]),
    ),
  );
}

/** A reader gives at most 100 entries at a time; it is empty when it has given all. */
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve) =>
      reader.readEntries(resolve, () => resolve([])),
    );
    if (some.length === 0) {
      return all;
    }
    all.push(...some);
  }
}

async function filesUnder(entry: FileSystemEntry): Promise<File[]> {
  if (entry.isFile) {
    return await fileOf(entry as FileSystemFileEntry);
  }
  const entries = await entriesOf(entry as FileSystemDirectoryEntry);
  const files: File[] = [];
  for (const inner of entries.sort((a, b) => a.name.localeCompare(b.name))) {
    files.push(...(await filesUnder(inner)));
  }
  return files;
}

export function withoutLitter(files: File[]): File[] {
  return files.filter((file) => !LITTER.test(file.name));
}

/** All files of a drop, folders opened; the entries must be read before the event is over. */
export async function droppedFiles(dropped: DataTransfer): Promise<File[]> {
  const entries = [...dropped.items]
    .filter((item) => item.kind === "file")
    .map((item) => item.webkitGetAsEntry?.() ?? item.getAsFile())
    .filter((entry) => entry !== null);
  const files = await Promise.all(
    entries.map((entry) => (entry instanceof File ? [entry] : filesUnder(entry))),
  );
  return withoutLitter(files.flat());
}
