/** Files that are there as a whole or not at all. */
@NullMarked
package io.muster.ca.file;

import org.jspecify.annotations.NullMarked;
