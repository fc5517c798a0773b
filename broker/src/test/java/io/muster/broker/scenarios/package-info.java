/** What people do with a broker, done with the client libraries that they use. */
@NullMarked
package io.muster.broker.scenarios;

import org.jspecify.annotations.NullMarked;
