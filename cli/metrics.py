"""The option for the metrics that the tables of results show."""

from minirearec_cli.options import option


def metrics_option():
    """Return the option for metrics to show, read as soon as it is given: training takes long."""
    def read(ctx, param, names):
        if names is None:
            return ()
        from minirearec.evaluation.asked import read_metrics

        return tuple(one.name for one in read_metrics(names))

    return option("--metrics", section="Output", callback=read, metavar="NAME[@K],...",
                  help="metrics to show, such as NDCG@50,coverage: Recall, NDCG, MRR, HitRate, MAP, Coverage, Novelty, "
                       "Popularity or PopularityBias, at 5, 10 and 20 unless a cut-off K is given")
