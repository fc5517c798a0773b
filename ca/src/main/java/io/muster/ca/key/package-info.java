/** The private keys of the authority, wherever they are kept. */
@NullMarked
package io.muster.ca.key;

import org.jspecify.annotations.NullMarked;
