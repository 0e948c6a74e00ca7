import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import ts from 'typescript';

/** One import: where it stands, and the file (relative to the root) or package that it names. */
export interface Import {
  from: string;
  to: string;
  isPackage: boolean;
}

/** Every import of the sources of server and web, of types too, with resolved paths. */
export function readImports(root: string): Import[] {
  const files = globSync(['server/src/**/*.ts', 'web/src/**/*.{ts,tsx}'], { cwd: root });
  return files.sort().flatMap((file) => importsOf(root, file));
}

function importsOf(root: string, file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8');
  // The second and third flag find `import()` and `require()` too.
  const { importedFiles } = ts.preProcessFile(text, true, true);
  return importedFiles.map(({ fileName }) => {
    const isPackage = !fileName.startsWith('.');
    const to = isPackage ? fileName : relative(root, join(root, dirname(file), fileName));
    return { from: file, to, isPackage };
  });
}
