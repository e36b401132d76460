export {
  findPerson,
  listGroups,
  listGroupTypes,
  listPersons,
  type Person,
  propertiesNamed,
  readPerson,
  type Slice,
} from './people.ts';
