export {
  findPerson,
  listGroups,
  listGroupTypes,
  listPersonPages,
  listPersons,
  type Person,
  propertiesNamed,
  readPerson,
  type Slice,
} from './people.ts';
