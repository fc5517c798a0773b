/** Topic names and topic filters: what is valid, and which filter matches which name. */
@NullMarked
package io.muster.broker.topic;

import org.jspecify.annotations.NullMarked;
