package io.muster.hub.cli.options;

import io.muster.hub.client.ManagementClient;
import io.muster.hub.config.Configuration;

/** What commands need of the one above them all. Confined to the main thread. */
public interface Root {

    /**
     * The configuration that the options and the environment name.
     *
     * @throws io.muster.hub.config.InvalidConfigException if there is anything wrong with it
     */
    Configuration configuration();

    /** A client of the hub that the configuration describes. */
    ManagementClient client();

    /** The same for somebody with an account, whatever else these commands come with. */
    ManagementClient client(String username, String password);

    /** The next line of standard input. */
    String readLine();
}
