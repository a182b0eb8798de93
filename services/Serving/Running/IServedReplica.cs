using Microsoft.Extensions.Hosting;
using Muster.Hosting;

namespace Muster.Serving;

/// <summary>A replica as the host sees it: started, stopped, asked for its health and status.</summary>
public interface IServedReplica : IHostedService, IAsyncDisposable, IHealthSource, IStatusSource,
    IMetricSource;
