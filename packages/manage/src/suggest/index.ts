export {
  mostSuggestions,
  suggestCohorts,
  suggestCreators,
  suggestFlags,
  suggestGroups,
  suggestProperties,
  suggestTags,
  suggestValues,
} from './suggest.ts';
