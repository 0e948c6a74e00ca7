import { readdir, readFile, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Plugin } from 'vite';

const TEXT_EXTENSIONS = new Set(['.html', '.js', '.css', '.svg', '.json', '.txt', '.webmanifest']);

/** Below this many bytes a compressed copy saves no packet. */
const SMALLEST_FILE_BYTES = 1024;

const toGzip = promisify(gzip);
const toBrotli = promisify(brotliCompress);

/** A build step that writes `.gz` and `.br` beside every text file, so that the server compresses nothing itself. */
export function precompress(): Plugin {
  let outputFolder = '';
  return {
    name: 'precompress',
    apply: 'build',
    configResolved(config) {
      outputFolder = join(config.root, config.build.outDir);
    },
    async closeBundle() {
      const entries = await readdir(outputFolder, { recursive: true, withFileTypes: true });
      const files = entries.filter((e) => e.isFile() && TEXT_EXTENSIONS.has(extname(e.name)));
      await Promise.all(files.map((file) => compressFile(join(file.parentPath, file.name))));
    },
  };
}

async function compressFile(path: string): Promise<void> {
  const content = await readFile(path);
  if (content.byteLength < SMALLEST_FILE_BYTES) return;
  const brotliOptions = {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_SIZE_HINT]: content.byteLength,
    },
  };
  await writeFile(`${path}.gz`, await toGzip(content, { level: constants.Z_BEST_COMPRESSION }));
  await writeFile(`${path}.br`, await toBrotli(content, brotliOptions));
}
