/** What is in a message: a stamp that lets receivers check it, and whatever surrounds the stamp. */
@NullMarked
package io.muster.loadtest.payload;

import org.jspecify.annotations.NullMarked;
