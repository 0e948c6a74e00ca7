import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createConfig, lintFromString } from '@redocly/openapi-core';

// Whether the API description is a valid document of OpenAPI 3.1, with ids that name one call each.
const path = join(import.meta.dirname, '../openapi/openapi.json');
const source = readFileSync(path, 'utf8');
const config = await createConfig({
  rules: {
    struct: 'error',
    'no-unresolved-refs': 'error',
    'no-identical-paths': 'error',
    'operation-operationId': 'error',
    'operation-operationId-unique': 'error',
    'operation-operationId-url-safe': 'error',
    'operation-summary': 'error',
    'path-parameters-defined': 'error',
    'operation-parameters-unique': 'error',
    'security-defined': 'error',
    'spec-components-invalid-map-name': 'error',
  },
});
const problems = await lintFromString({ source, absoluteRef: path, config });
for (const { message, location, ruleId } of problems) {
  console.error(`${location[0]?.pointer ?? ''}: ${message} (${ruleId})`);
}
const { openapi, paths } = JSON.parse(source) as { openapi: string; paths: object };
console.log(`OpenAPI ${openapi}, ${Object.keys(paths).length} paths, ${problems.length} problems`);
if (problems.length > 0 || !openapi.startsWith('3.1.')) process.exitCode = 1;
