// No mutant: what the others are held against.
import MutantKit

Mutant.fly()
