export {
  mostSuggestions,
  suggestCohorts,
  suggestFlags,
  suggestGroups,
  suggestProperties,
  suggestValues,
} from './suggest.ts';
