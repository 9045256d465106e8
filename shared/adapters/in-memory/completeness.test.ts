// Goal: completeness in memory behaves as every store of it does. Method: the contract.
import { completenessContract } from '../contract/completeness-contract.ts';
import { inMemoryCompleteness } from './completeness.ts';

completenessContract(inMemoryCompleteness);
