import { join } from 'node:path';
import { readImports } from './imports/import-graph.ts';
import { brokenRules } from './imports/import-rules.ts';

// The dependency rule of docs/architecture.md, on resolved paths: a linter sees only what is written.
const imports = readImports(join(import.meta.dirname, '..'));
const broken = brokenRules(imports);
for (const line of broken) console.error(line);
console.log(`${imports.length} imports checked, ${broken.length} against the dependency rule`);
if (broken.length > 0) process.exitCode = 1;
