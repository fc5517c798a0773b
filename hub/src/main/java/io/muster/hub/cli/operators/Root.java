package io.muster.hub.cli.operators;

import io.muster.hub.client.ManagementClient;

/** What these commands need of the command above them. Confined to the main thread. */
public interface Root {

    /** A client of the hub that the configuration describes. */
    ManagementClient client();

    /** The same for somebody with an account, whatever else these commands come with. */
    ManagementClient client(String username, String password);

    /** The next line of standard input. */
    String readLine();
}
