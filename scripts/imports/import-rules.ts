import type { Import } from './import-graph.ts';

/** The sentence that says what is wrong with an import; null: nothing. */
type Rule = (from: string, to: string, isPackage: boolean) => string | null;

const MODULE = /^server\/src\/modules\/([^/]+)\//;
const COMPAT = /^server\/src\/compat\/([^/]+)\//;
const FEATURE = /^web\/src\/features\/([^/]+)\//;
const IS_FASTIFY = /^(fastify|@fastify\/)/;
const IS_HTTP_ROLE = /\.(routes|schema)\.ts$/;
/** What one module may know of another: what it does, and the shapes that it shows. Repositories have a rule of their own. */
const IS_MODULE_FACE = /\.(service|schema|repository)\.ts$/;
const UI_STRANGERS = /^(@tanstack\/react-(router|query|form)|react-router|react-hook-form)/;

const servicesKnowNoHttp: Rule = (from, to, isPackage) => {
  if (!MODULE.test(from) || IS_HTTP_ROLE.test(from)) return null;
  const isHttp = isPackage ? IS_FASTIFY.test(to) : to.startsWith('server/src/http/');
  return isHttp ? 'only *.routes.ts and *.schema.ts of a module know HTTP' : null;
};

const repositoriesStayInside: Rule = (from, to) => {
  if (!/\.repository\.ts$/.test(to) || folderOf(from) === folderOf(to)) return null;
  return 'a repository is imported only inside its own folder; ask its service';
};

const modulesMeetThroughServices: Rule = (from, to) => {
  const [own, other] = [MODULE.exec(from)?.[1], MODULE.exec(to)?.[1]];
  if (!own || !other || own === other || IS_MODULE_FACE.test(to)) return null;
  return 'a module uses another only through its service';
};

const platformKnowsNoBusiness: Rule = (from, to, isPackage) => {
  if (!from.startsWith('server/src/platform/') || isPackage) return null;
  if (to.startsWith('server/src/platform/')) return null;
  return 'platform/ is technology alone and imports nothing else of the server';
};

const authKnowsNoModule: Rule = (from, to) => {
  if (!from.startsWith('server/src/auth/')) return null;
  return MODULE.test(to) || to.startsWith('server/src/http/')
    ? 'auth/ is below modules and HTTP'
    : null;
};

const compatStandsAlone: Rule = (from, to) => {
  const [own, other] = [COMPAT.exec(from)?.[1], COMPAT.exec(to)?.[1]];
  if (!other || own === other) return null;
  if (from === 'server/src/app.ts') return null;
  return 'a compatibility API is mounted by app.ts and known to nobody else';
};

const nothingLooksUp: Rule = (from, to) => {
  const isTop = from === 'server/src/main.ts' || from.startsWith('server/src/commands/');
  if (isTop || !from.startsWith('server/')) return null;
  const isAbove = to === 'server/src/app.ts' || to.startsWith('server/src/commands/');
  return isAbove ? 'only commands build the app and know commands' : null;
};

const featuresStandAlone: Rule = (from, to) => {
  const [own, other] = [FEATURE.exec(from)?.[1], FEATURE.exec(to)?.[1]];
  if (!own || !other || own === other) return null;
  return 'features of the page do not import each other; what they share lives in shell/ or ui/';
};

const belowFeatures: Rule = (from, to) => {
  if (!/^web\/src\/(shell|api|ui)\//.test(from) || !FEATURE.test(to)) return null;
  return 'shell/, api/ and ui/ are below the features';
};

const uiKnowsNothing: Rule = (from, to, isPackage) => {
  if (!from.startsWith('web/src/ui/')) return null;
  const isStranger = isPackage ? UI_STRANGERS.test(to) : !to.startsWith('web/src/ui/');
  return isStranger ? 'ui/ knows neither router, queries nor forms, and nothing of Docket' : null;
};

const RULES = [
  servicesKnowNoHttp,
  repositoriesStayInside,
  modulesMeetThroughServices,
  platformKnowsNoBusiness,
  authKnowsNoModule,
  compatStandsAlone,
  nothingLooksUp,
  featuresStandAlone,
  belowFeatures,
  uiKnowsNothing,
];

/** Every import that breaks the dependency rule, as a line for people; tests may import anything. */
export function brokenRules(imports: Import[]): string[] {
  const counted = imports.filter(({ from }) => !/\.test\.tsx?$/.test(from));
  const broken = counted.flatMap(({ from, to, isPackage }) =>
    RULES.flatMap((rule) => {
      const problem = rule(from, to, isPackage);
      return problem ? [`${from} imports ${to}: ${problem}`] : [];
    }),
  );
  return [...broken, ...cyclesOf(counted)];
}

/** Rings of modules, which import cycles between files do not show. */
function cyclesOf(imports: Import[]): string[] {
  const edges = new Map<string, Set<string>>();
  for (const { from, to } of imports) {
    const [own, other] = [MODULE.exec(from)?.[1], MODULE.exec(to)?.[1]];
    if (!own || !other || own === other) continue;
    edges.set(own, (edges.get(own) ?? new Set()).add(other));
  }
  const isReachable = (start: string, goal: string, seen: Set<string>): boolean =>
    [...(edges.get(start) ?? [])].some((next) => {
      if (next === goal) return true;
      if (seen.has(next)) return false;
      return isReachable(next, goal, seen.add(next));
    });
  return [...edges.keys()]
    .filter((name) => isReachable(name, name, new Set()))
    .map((name) => `server/src/modules/${name} is part of a ring of modules that need each other`);
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}
