/** What commands print: answers in lines or as JSON, and what the start tells people. */
@NullMarked
package io.muster.hub.cli.output;

import org.jspecify.annotations.NullMarked;
