using Muster.Consensus;
using Muster.Hosting;

// What a socket has received is read on the thread that learned of it: one thread less to wake in each hop
// of a proposal. The sockets here are the broker's client's, which hands every message on to another thread,
// and the web server's, which does as well. Before the first socket is opened, or it has no effect.
Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");

return await ServiceProcess.RunAsync(args, "consensus node", services => services.AddMusterConsensus());
