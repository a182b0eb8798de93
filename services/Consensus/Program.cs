using Muster.Consensus;
using Muster.Hosting;

return await ServiceProcess.RunAsync(args, "consensus node", services => services.AddMusterConsensus());
